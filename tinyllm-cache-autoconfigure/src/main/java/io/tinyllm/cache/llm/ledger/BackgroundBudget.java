package io.tinyllm.cache.llm.ledger;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How much money background loads of answers may cost in a time. The time begins with the first cost, and anew with the
 * first after its end. Thread-safe.
 */
public final class BackgroundBudget {

    private final @Nullable BigInteger amount;
    private final long periodNanos;
    private final LongSupplier ticker;
    private BigInteger cost = BigInteger.ZERO;
    private long startedNanos;

    private BackgroundBudget(@Nullable BigInteger amount, long periodNanos, LongSupplier ticker) {
        this.amount = amount;
        this.periodNanos = periodNanos;
        this.ticker = ticker;
    }

    /** A budget without a bound. */
    public static BackgroundBudget unlimited() {
        return new BackgroundBudget(null, 0, () -> 0);
    }

    /**
     * A budget.
     * @param amount the money, in the currency of the ledger
     * @param periodNanos the time for which it is
     * @param ticker the monotonic time in nanoseconds
     */
    public static BackgroundBudget of(BigDecimal amount, long periodNanos, LongSupplier ticker) {
        BigInteger units = amount.movePointRight(Price.SCALE)
                .setScale(0, RoundingMode.DOWN)
                .toBigInteger();
        return new BackgroundBudget(units, periodNanos, ticker);
    }

    /** Returns whether another load may run. */
    public synchronized boolean allows() {
        if (amount == null) {
            return true;
        }
        return cost.compareTo(amount) < 0 || cost.signum() > 0 && isOver();
    }

    synchronized void add(BigInteger price) {
        if (amount == null || price.signum() == 0) {
            return;
        }
        if (cost.signum() == 0 || isOver()) {
            startedNanos = ticker.getAsLong();
            cost = BigInteger.ZERO;
        }
        cost = cost.add(price);
    }

    private boolean isOver() {
        return ticker.getAsLong() - startedNanos >= periodNanos;
    }
}
