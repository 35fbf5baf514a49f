/**
 * What a read and an acknowledged write of the shared tier cost, beside Spring's Redis cache, JetCache and Redisson.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.redis;

import org.jspecify.annotations.NullMarked;
