/** The command line of the benchmarks: trace replays and JMH. */
@NullMarked
package io.tinyllm.cache.benchmarks;

import org.jspecify.annotations.NullMarked;
