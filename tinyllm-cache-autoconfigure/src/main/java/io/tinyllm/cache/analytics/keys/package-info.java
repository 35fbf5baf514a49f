/** How keys are shown to people: hashed, as they are, or not at all. */
@NullMarked
package io.tinyllm.cache.analytics.keys;

import org.jspecify.annotations.NullMarked;
