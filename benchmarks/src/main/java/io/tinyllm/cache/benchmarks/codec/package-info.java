/**
 * What stored forms cost.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.codec;

import org.jspecify.annotations.NullMarked;
