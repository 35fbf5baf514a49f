/**
 * The composition root: settings become caches. Free of Spring, so that tests and benchmarks put caches together the
 * same way.
 */
@NullMarked
package io.tinyllm.cache.assembly;

import org.jspecify.annotations.NullMarked;
