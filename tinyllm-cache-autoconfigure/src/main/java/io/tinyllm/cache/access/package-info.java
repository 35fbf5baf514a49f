/**
 * The seam between the caches and what watches them: buffers that callers fill without waiting, and one loop that
 * empties them.
 */
@NullMarked
package io.tinyllm.cache.access;

import org.jspecify.annotations.NullMarked;
