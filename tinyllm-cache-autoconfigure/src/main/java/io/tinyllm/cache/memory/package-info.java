/**
 * The local tier, on Caffeine.
 */
@NullMarked
package io.tinyllm.cache.memory;

import org.jspecify.annotations.NullMarked;
