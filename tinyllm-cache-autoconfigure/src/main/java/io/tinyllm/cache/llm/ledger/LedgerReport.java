package io.tinyllm.cache.llm.ledger;

import java.util.List;
import java.util.Map;

/**
 * The figures of one cache: what its answers have cost and saved, and why it had none. Immutable.
 *
 * @param currency of all costs, as ISO 4217 names it
 * @param spent what models were asked for callers
 * @param saved what they were not asked for: answers that were stored, or that another caller's call has brought
 * @param background what models were asked in the background
 * @param net what was saved, less what the background has cost
 * @param unpriced answers among all these whose cost is not known
 * @param notStored answers that were returned and not stored, by reason
 * @param bypassed requests that were answered without the cache, by reason
 * @param missReasons requests without an answer, by what speaks for it
 * @param faults faults of the cache, in whose place the model was asked
 * @param models the same by model, the most expensive first
 */
public record LedgerReport(
        String currency,
        LedgerFigures spent,
        LedgerFigures saved,
        LedgerFigures background,
        LedgerFigures net,
        long unpriced,
        Map<String, Long> notStored,
        Map<String, Long> bypassed,
        Map<String, Long> missReasons,
        long faults,
        List<Model> models) {

    /**
     * The figures of one model.
     * @param model its name, {@code other} for all that are too many to be told apart
     * @param hits requests that a stored answer has served
     * @param misses requests that had none
     */
    public record Model(
            String model, long hits, long misses, LedgerFigures saved, LedgerFigures spent, LedgerFigures background) {}
}
