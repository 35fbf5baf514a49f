/** Tuners, which decide something from the accesses of a cache now and then, and the log of their decisions. */
@NullMarked
package io.tinyllm.cache.access.tuner;

import org.jspecify.annotations.NullMarked;
