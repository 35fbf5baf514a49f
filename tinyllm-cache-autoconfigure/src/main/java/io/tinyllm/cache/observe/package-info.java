/** Observations of Micrometer for loads, operations of the shared tier, and hits. */
@org.jspecify.annotations.NullMarked
package io.tinyllm.cache.observe;
