/**
 * What a hit in memory costs, beside Spring's Caffeine.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.hit;

import org.jspecify.annotations.NullMarked;
