/**
 * What a write costs over a slow store: write-through, write-back, and Redisson's write-behind.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.writes;

import org.jspecify.annotations.NullMarked;
