/**
 * The cache of answers of language models as an advisor of Spring AI. Nothing of it is loaded where an application has
 * no Spring AI.
 */
@NullMarked
package io.tinyllm.cache.springai;

import org.jspecify.annotations.NullMarked;
