/**
 * The size of a cache, and of its partitions, decided from the traffic. Pure algorithms: they observe hashes and
 * counters and answer sizes, whoever calls them resizes.
 */
@NullMarked
package io.tinyllm.cache.tuning;

import org.jspecify.annotations.NullMarked;
