/** The figures of analytics, each a record that endpoints and meters show. */
@NullMarked
package io.tinyllm.cache.analytics.figures;

import org.jspecify.annotations.NullMarked;
