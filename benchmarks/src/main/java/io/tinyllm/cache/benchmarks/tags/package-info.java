/** The cost of tags. */
@NullMarked
package io.tinyllm.cache.benchmarks.tags;

import org.jspecify.annotations.NullMarked;
