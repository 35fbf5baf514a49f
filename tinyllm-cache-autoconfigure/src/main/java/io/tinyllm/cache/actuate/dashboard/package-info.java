/**
 * The page {@code cachedashboard}: HTML, CSS and JavaScript over the other endpoints.
 */
@NullMarked
package io.tinyllm.cache.actuate.dashboard;

import org.jspecify.annotations.NullMarked;
