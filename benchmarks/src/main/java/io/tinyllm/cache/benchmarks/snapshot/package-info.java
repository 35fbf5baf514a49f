/**
 * What snapshots cost.
 */
@NullMarked
package io.tinyllm.cache.benchmarks.snapshot;

import org.jspecify.annotations.NullMarked;
