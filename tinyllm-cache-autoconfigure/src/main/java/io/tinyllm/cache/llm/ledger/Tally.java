package io.tinyllm.cache.llm.ledger;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Adds answers up: their tokens, their time and their price. Not thread-safe: its ledger has the lock. */
final class Tally {

    private long calls;
    private long inputTokens;
    private long cachedInputTokens;
    private long outputTokens;
    private long nanos;
    private BigInteger cost = BigInteger.ZERO;

    void add(Consumption consumed, long tookNanos, BigInteger price) {
        calls++;
        inputTokens += consumed.inputTokens();
        cachedInputTokens += consumed.cachedInputTokens();
        outputTokens += consumed.outputTokens();
        nanos += tookNanos;
        cost = cost.add(price);
    }

    /** Adds another tally to this. */
    void add(Tally other) {
        calls += other.calls;
        inputTokens += other.inputTokens;
        cachedInputTokens += other.cachedInputTokens;
        outputTokens += other.outputTokens;
        nanos += other.nanos;
        cost = cost.add(other.cost);
    }

    /** The cost of it all, in the units of {@link Price}. */
    BigInteger cost() {
        return cost;
    }

    /** The figures so far. */
    LedgerFigures figures() {
        return new LedgerFigures(calls, inputTokens, cachedInputTokens, outputTokens, seconds(nanos), money(cost));
    }

    /** The figures of this without those of another. */
    LedgerFigures without(Tally other) {
        return new LedgerFigures(
                calls - other.calls,
                inputTokens - other.inputTokens,
                cachedInputTokens - other.cachedInputTokens,
                outputTokens - other.outputTokens,
                seconds(nanos - other.nanos),
                money(cost.subtract(other.cost)));
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }

    private static BigDecimal money(BigInteger cost) {
        // Plain digits, however small: 0.00000015 and not 1.5E-7.
        BigDecimal money = new BigDecimal(cost, Price.SCALE).stripTrailingZeros();
        return money.scale() < 0 ? money.setScale(0) : money;
    }
}
