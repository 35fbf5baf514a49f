/**
 * Answers of language models as values of a cache, free of frameworks: what is stored, which request it answers, what a
 * request may ask of the cache, and what it is told.
 */
@NullMarked
package io.tinyllm.cache.llm;

import org.jspecify.annotations.NullMarked;
