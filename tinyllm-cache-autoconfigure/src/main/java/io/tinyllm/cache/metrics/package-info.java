/**
 * Micrometer's meters of the caches.
 */
@NullMarked
package io.tinyllm.cache.metrics;

import org.jspecify.annotations.NullMarked;
