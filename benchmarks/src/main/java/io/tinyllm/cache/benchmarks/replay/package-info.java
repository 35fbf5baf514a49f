/** Replays of access traces through the classes of the product, with oracles and baselines computed in the same run. */
@NullMarked
package io.tinyllm.cache.benchmarks.replay;

import org.jspecify.annotations.NullMarked;
