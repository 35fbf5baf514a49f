/** Micrometer's meters of what answers of language models cost and save. */
@NullMarked
package io.tinyllm.cache.metrics.ledger;

import org.jspecify.annotations.NullMarked;
