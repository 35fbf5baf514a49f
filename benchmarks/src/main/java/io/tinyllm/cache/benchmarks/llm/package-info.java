/**
 * What an answer of the cache costs a client of Spring AI.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.llm;

import org.jspecify.annotations.NullMarked;
