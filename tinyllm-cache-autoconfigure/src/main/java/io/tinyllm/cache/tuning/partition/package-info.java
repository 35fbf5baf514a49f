/**
 * The bound of one cache, divided between its partitions by what each makes of it.
 */
@NullMarked
package io.tinyllm.cache.tuning.partition;

import org.jspecify.annotations.NullMarked;
