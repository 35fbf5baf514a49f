/** The figures of a prefetcher, which endpoints and meters show. */
@NullMarked
package io.tinyllm.cache.prefetch.figures;

import org.jspecify.annotations.NullMarked;
