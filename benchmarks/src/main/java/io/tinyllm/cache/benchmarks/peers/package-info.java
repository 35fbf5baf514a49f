/** Every figure of a cache in memory beside every peer: one command, tables and plots. */
@NullMarked
package io.tinyllm.cache.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
