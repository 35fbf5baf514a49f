/**
 * The adapter to Spring's cache abstraction, and the interceptor that shows the load of a plain cacheable method to the
 * cache.
 */
@NullMarked
package io.tinyllm.cache.spring;

import org.jspecify.annotations.NullMarked;
