/**
 * The size of a cache, decided from the traffic. Pure algorithms: they observe hashes and counters and answer sizes,
 * whoever calls them resizes. What sizes are decided from, and what is divided, stands in packages below.
 */
@NullMarked
package io.tinyllm.cache.tuning;

import org.jspecify.annotations.NullMarked;
