/**
 * The data plane: the walk of a get and a put over the tiers, and the ports that features plug into. Sees no feature
 * and no framework.
 */
@NullMarked
package io.tinyllm.cache.core;

import org.jspecify.annotations.NullMarked;
