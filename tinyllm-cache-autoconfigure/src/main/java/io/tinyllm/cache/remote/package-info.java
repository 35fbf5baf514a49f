/**
 * The layer between a cache and a store outside this JVM: bytes in place of objects, deadlines, a bound, a circuit
 * breaker, and the memory of writes that did not arrive. Knows no particular store.
 */
@NullMarked
package io.tinyllm.cache.remote;

import org.jspecify.annotations.NullMarked;
