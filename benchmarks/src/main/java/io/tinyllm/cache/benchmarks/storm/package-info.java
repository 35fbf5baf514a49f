/** What a storm of prefetches costs those who find what they ask for. */
@NullMarked
package io.tinyllm.cache.benchmarks.storm;

import org.jspecify.annotations.NullMarked;
