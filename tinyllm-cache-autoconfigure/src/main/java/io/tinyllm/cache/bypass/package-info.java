/**
 * Bypass rules: what stays away from the cache.
 */
@NullMarked
package io.tinyllm.cache.bypass;

import org.jspecify.annotations.NullMarked;
