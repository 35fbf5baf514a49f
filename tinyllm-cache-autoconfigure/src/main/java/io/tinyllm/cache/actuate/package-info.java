/**
 * Actuator endpoints over the caches.
 */
@NullMarked
package io.tinyllm.cache.actuate;

import org.jspecify.annotations.NullMarked;
