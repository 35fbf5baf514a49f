/** How the cost of a cache grows with the number of caches, entries, partitions and threads, and with long keys. */
@NullMarked
package io.tinyllm.cache.benchmarks.growth;

import org.jspecify.annotations.NullMarked;
