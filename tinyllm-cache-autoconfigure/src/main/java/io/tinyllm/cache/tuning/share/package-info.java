/**
 * The division of a total among those who share it, its comparison with equal shares, and the judgement whether it has
 * lost against them.
 */
@NullMarked
package io.tinyllm.cache.tuning.share;

import org.jspecify.annotations.NullMarked;
