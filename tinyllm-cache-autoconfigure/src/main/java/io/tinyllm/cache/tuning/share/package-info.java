/**
 * The comparison of a division with equal shares, and the judgement whether it has lost against them.
 */
@NullMarked
package io.tinyllm.cache.tuning.share;

import org.jspecify.annotations.NullMarked;
