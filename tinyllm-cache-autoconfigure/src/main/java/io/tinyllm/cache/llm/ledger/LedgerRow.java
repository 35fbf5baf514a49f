package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** The figures of one model in one cache: what its answers have cost and saved. Thread-safe. */
public final class LedgerRow {

    private final String model;
    private final @Nullable Price price;
    private final Tally spent = new Tally();
    private final Tally saved = new Tally();
    private final Tally background = new Tally();
    private long unpriced;
    private long hits;
    private long misses;

    LedgerRow(String model, @Nullable Price price) {
        this.model = model;
        this.price = price;
    }

    /** The name of the model. */
    public String model() {
        return model;
    }

    /** The sums of calls of the model for callers. */
    public synchronized LedgerFigures spent() {
        return spent.figures();
    }

    /** The sums of answers that spared a call of the model. */
    public synchronized LedgerFigures saved() {
        return saved.figures();
    }

    /** The sums of calls of the model in the background. */
    public synchronized LedgerFigures background() {
        return background.figures();
    }

    Consumption consumption(@Nullable Tokens tokens) {
        return Consumption.of(tokens, price == null || price.cachedInputIncluded());
    }

    /** The cost of an answer, null where that is not known. */
    @Nullable
    BigInteger price(@Nullable Tokens tokens, Consumption consumed) {
        return tokens == null || price == null ? null : price.of(consumed);
    }

    synchronized void spent(Consumption consumed, long tookNanos, @Nullable BigInteger cost, boolean inBackground) {
        add(inBackground ? background : spent, consumed, tookNanos, cost);
    }

    synchronized void saved(Consumption consumed, long tookNanos, @Nullable BigInteger cost, boolean joined) {
        add(saved, consumed, tookNanos, cost);
        if (joined) {
            misses++;
        } else {
            hits++;
        }
    }

    private void add(Tally tally, Consumption consumed, long tookNanos, @Nullable BigInteger cost) {
        unpriced += cost == null ? 1 : 0;
        tally.add(consumed, tookNanos, cost == null ? BigInteger.ZERO : cost);
    }

    synchronized void missed() {
        misses++;
    }

    synchronized BigInteger cost() {
        return spent.cost().add(background.cost());
    }

    /** Adds the figures to sums over all models; returns how many answers have no price. */
    synchronized long addTo(Tally allSpent, Tally allSaved, Tally allBackground) {
        allSpent.add(spent);
        allSaved.add(saved);
        allBackground.add(background);
        return unpriced;
    }

    synchronized LedgerReport.Model report() {
        return new LedgerReport.Model(model, hits, misses, saved.figures(), spent.figures(), background.figures());
    }
}
