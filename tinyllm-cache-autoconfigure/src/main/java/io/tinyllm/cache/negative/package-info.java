/**
 * Negative caching: what is known to be absent or to fail.
 */
@NullMarked
package io.tinyllm.cache.negative;

import org.jspecify.annotations.NullMarked;
