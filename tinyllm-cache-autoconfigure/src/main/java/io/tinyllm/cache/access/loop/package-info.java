/** The control loop: one thread that empties the buffers of all caches and runs what is due. */
@NullMarked
package io.tinyllm.cache.access.loop;

import org.jspecify.annotations.NullMarked;
