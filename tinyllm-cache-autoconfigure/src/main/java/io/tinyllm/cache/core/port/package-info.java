/**
 * The ports of the data plane: what a feature implements to take part in it, and the entries that pass through. Sees
 * nothing of the data plane itself.
 */
@NullMarked
package io.tinyllm.cache.core.port;

import org.jspecify.annotations.NullMarked;
