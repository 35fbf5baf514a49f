/**
 * A gateway to a language model that answers repeated prompts from a cache.
 */
@NullMarked
package io.tinyllm.sample;

import org.jspecify.annotations.NullMarked;
