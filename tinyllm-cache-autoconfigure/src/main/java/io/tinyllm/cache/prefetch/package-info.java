/** Prefetching: a bounded model of which key follows which, and the engine that acts on it off the hot path. */
@NullMarked
package io.tinyllm.cache.prefetch;

import org.jspecify.annotations.NullMarked;
