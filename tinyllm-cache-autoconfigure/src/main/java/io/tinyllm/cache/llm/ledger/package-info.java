/**
 * The cost of answers of language models, what caching saves, and why a request had none: sums, prices, and digests by
 * which requests are compared. Free of frameworks.
 */
@NullMarked
package io.tinyllm.cache.llm.ledger;

import org.jspecify.annotations.NullMarked;
