/**
 * The groups of settings of a cache, one a feature, each of which checks its own values. {@link
 * io.tinyllm.cache.CacheSettings} holds them all.
 */
@NullMarked
package io.tinyllm.cache.settings;

import org.jspecify.annotations.NullMarked;
