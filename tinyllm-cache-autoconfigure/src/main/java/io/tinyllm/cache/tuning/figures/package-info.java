/**
 * The figures of a cache, and of an interval of it, that decisions about its size rest on.
 */
@NullMarked
package io.tinyllm.cache.tuning.figures;

import org.jspecify.annotations.NullMarked;
