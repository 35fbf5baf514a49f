package io.tinyllm.cache.llm.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The ledgers of all caches of answers, in one currency and with one list of prices. Thread-safe. */
public final class AnswerLedgers {

    private final String currency;
    private final PriceList prices;
    private final BackgroundBudget budget;
    private final LongSupplier ticker;
    private final Map<String, AnswerLedger> ledgers = new ConcurrentHashMap<>();
    private final List<Opened> opened = new ArrayList<>();
    private final List<BiConsumer<String, LedgerRow>> listeners = new ArrayList<>();

    /**
     * Creates ledgers without entries.
     * @param currency of all costs, as ISO 4217 names it
     * @param prices what models cost
     * @param budget what background loads of all caches together may cost
     * @param ticker a monotonic time in nanoseconds
     */
    public AnswerLedgers(String currency, PriceList prices, BackgroundBudget budget, LongSupplier ticker) {
        this.currency = currency;
        this.prices = prices;
        this.budget = budget;
        this.ticker = ticker;
    }

    /** The ledger of a cache, which is one of answers from now on. */
    public AnswerLedger of(String cacheName) {
        AnswerLedger ledger = ledgers.get(cacheName);
        return ledger != null
                ? ledger
                : ledgers.computeIfAbsent(
                        cacheName, name -> new AnswerLedger(currency, prices, budget, row -> open(name, row), ticker));
    }

    /** The figures of a cache, null where it holds no answers. */
    public @Nullable LedgerReport report(String cacheName) {
        AnswerLedger ledger = ledgers.get(cacheName);
        return ledger == null ? null : ledger.report();
    }

    /** Returns whether a cache may load in the background: always, where it holds no answers. */
    public boolean allowsBackground(String cacheName) {
        return !ledgers.containsKey(cacheName) || budget.allows();
    }

    /**
     * Shows the figures of every model of every cache, and those that begin later.
     * @param listener takes the name of the cache and the figures, once for each model; must not throw
     */
    public void forEachModel(BiConsumer<String, LedgerRow> listener) {
        List<Opened> known;
        synchronized (opened) {
            listeners.add(listener);
            known = List.copyOf(opened);
        }
        known.forEach(each -> listener.accept(each.cacheName, each.row));
    }

    private void open(String cacheName, LedgerRow row) {
        List<BiConsumer<String, LedgerRow>> told;
        synchronized (opened) {
            opened.add(new Opened(cacheName, row));
            told = List.copyOf(listeners);
        }
        told.forEach(listener -> listener.accept(cacheName, row));
    }

    private record Opened(String cacheName, LedgerRow row) {}
}
