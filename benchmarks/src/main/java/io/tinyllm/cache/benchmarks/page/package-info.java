/** What the open dashboard costs the callers of the caches that it shows. */
@NullMarked
package io.tinyllm.cache.benchmarks.page;

import org.jspecify.annotations.NullMarked;
