/**
 * Auto-configuration: properties become a cache manager.
 */
@NullMarked
package io.tinyllm.cache.autoconfigure;

import org.jspecify.annotations.NullMarked;
