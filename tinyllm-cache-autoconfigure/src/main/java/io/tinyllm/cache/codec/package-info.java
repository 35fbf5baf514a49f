/**
 * How keys and values leave the heap: injective keys, values as JSON of allow-listed types, and a checked envelope.
 * The key half needs nothing but the JDK; the value half needs Jackson on the class path.
 */
@NullMarked
package io.tinyllm.cache.codec;

import org.jspecify.annotations.NullMarked;
