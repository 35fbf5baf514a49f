/**
 * Write policies over a backing store.
 */
@NullMarked
package io.tinyllm.cache.write;

import org.jspecify.annotations.NullMarked;
