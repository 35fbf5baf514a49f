package io.tinyllm.cache.llm.ledger;

import java.math.BigDecimal;

/**
 * The sums of some answers of models. Immutable.
 * @param calls how many answers
 * @param inputTokens tokens that models have read, those of the provider's own cache among them
 * @param cachedInputTokens tokens that models have read from the provider's own cache
 * @param outputTokens tokens that models have written
 * @param seconds how long the answers took
 * @param cost what they cost, as far as that is known, in the currency of the ledger
 */
public record LedgerFigures(
        long calls, long inputTokens, long cachedInputTokens, long outputTokens, double seconds, BigDecimal cost) {}
