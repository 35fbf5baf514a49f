/**
 * A limit to how many loads of a cache run at a time.
 */
@NullMarked
package io.tinyllm.cache.limit;

import org.jspecify.annotations.NullMarked;
