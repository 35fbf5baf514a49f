/** What tests of several packages share. */
@NullMarked
package io.tinyllm.cache.testing;

import org.jspecify.annotations.NullMarked;
