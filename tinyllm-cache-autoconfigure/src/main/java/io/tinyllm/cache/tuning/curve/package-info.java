/**
 * The hit rate of a cache as a function of its size, estimated from hashes of the keys that are requested.
 */
@NullMarked
package io.tinyllm.cache.tuning.curve;

import org.jspecify.annotations.NullMarked;
