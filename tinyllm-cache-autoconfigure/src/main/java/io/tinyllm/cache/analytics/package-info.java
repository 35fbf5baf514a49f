/** Analytics of the traffic of a cache: counters, latencies, hot and cold keys. */
@NullMarked
package io.tinyllm.cache.analytics;

import org.jspecify.annotations.NullMarked;
