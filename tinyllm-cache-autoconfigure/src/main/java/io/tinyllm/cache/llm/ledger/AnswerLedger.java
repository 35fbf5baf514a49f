package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of one cache: what its answers have cost and saved, why it had none, and what it left undone. Thread-safe.
 * The figures are exact, and of one moment.
 */
public final class AnswerLedger {

    /** How many models are told apart. */
    static final int MODELS = 50;

    private static final String OTHER = "other";
    private static final String UNNAMED = "-";

    private final String currency;
    private final PriceList prices;
    private final BackgroundBudget budget;
    private final Consumer<LedgerRow> onModel;
    private final LongSupplier ticker;
    private final AnswerCounters counters = new AnswerCounters();
    private final RequestTable requests = new RequestTable();
    private final Map<String, LedgerRow> rows = new LinkedHashMap<>();
    private final Map<String, Long> missReasons = new TreeMap<>();

    AnswerLedger(
            String currency,
            PriceList prices,
            BackgroundBudget budget,
            Consumer<LedgerRow> onModel,
            LongSupplier ticker) {
        this.currency = currency;
        this.prices = prices;
        this.budget = budget;
        this.onModel = onModel;
        this.ticker = ticker;
    }

    /** Counts what the layer does not do. */
    public AnswerCounters counters() {
        return counters;
    }

    // ---------------------------------------------------------------------------------------------------------- money

    /**
     * Counts an answer that a model has given.
     * @param model its name, null where it has none
     * @param tokens what it says of its tokens, null for nothing
     * @param tookNanos how long it took
     * @param background whether no caller waited for it
     */
    public void spent(@Nullable String model, @Nullable Tokens tokens, long tookNanos, boolean background) {
        LedgerRow row = row(model);
        Consumption consumed = row.consumption(tokens);
        @Nullable BigInteger price = row.price(tokens, consumed);
        row.spent(consumed, tookNanos, price, background);
        if (background && price != null) {
            budget.add(price);
        }
    }

    /**
     * Counts an answer for which no model was asked.
     * @param model the name of the model that was not, null where it has none
     * @param tokens the tokens that the answer cost when it was made, null where they are not known
     * @param tookNanos how long it took when it was made
     * @param joined whether it came of the call of another, and not from what was stored
     */
    public void saved(@Nullable String model, @Nullable Tokens tokens, long tookNanos, boolean joined) {
        LedgerRow row = row(model);
        Consumption consumed = row.consumption(tokens);
        row.saved(consumed, tookNanos, row.price(tokens, consumed), joined);
    }

    private LedgerRow row(@Nullable String model) {
        String name = model == null || model.isEmpty() ? UNNAMED : model;
        LedgerRow made;
        synchronized (this) {
            LedgerRow row = rows.get(name);
            if (row == null && rows.size() >= MODELS) {
                name = OTHER;
                row = rows.get(name);
            }
            if (row != null) {
                return row;
            }
            made = new LedgerRow(name, prices.of(name));
            rows.put(name, made);
        }
        try {
            onModel.accept(made);
        } catch (RuntimeException e) {
            // Whoever watches fails for himself, and not for a caller.
            counters.fault();
        }
        return made;
    }

    // --------------------------------------------------------------------------------------------------------- misses

    /**
     * Counts a request that has no stored answer, and finds out why.
     * @param model the name of the model, null where it has none
     * @param key the key of the request
     * @param print its digests
     */
    public void missed(@Nullable String model, String key, RequestPrint print) {
        String reason = requests.reason(key, print, ticker.getAsLong());
        requests.note(key, print);
        synchronized (missReasons) {
            missReasons.merge(reason, 1L, Long::sum);
        }
        row(model).missed();
    }

    /**
     * Remembers a request, where it is not known.
     * @param print makes its digests
     */
    public void note(String key, Supplier<RequestPrint> print) {
        if (!requests.knows(key)) {
            requests.note(key, print.get());
        }
    }

    /**
     * Says that the answer of a request is held.
     * @param remainingNanos how long it stays fresh, null for ever
     */
    public void kept(String key, @Nullable Long remainingNanos) {
        requests.kept(key, remainingNanos == null ? RequestTable.NEVER : ticker.getAsLong() + remainingNanos);
    }

    /** Says that the answer of a request is not held. */
    public void notKept(String key) {
        requests.notKept(key);
    }

    /**
     * How a request without an answer differs from the nearest whose answer is held: not at all where its own was.
     * @param key the key of the request
     * @param print its digests
     * @param held the answers that are known to be held, besides those of the last requests
     * @param isHeld whether there still is an answer to an earlier request; asked for the nearest ones only
     * @return null where no answer is known
     */
    public @Nullable Difference nearest(
            String key, RequestPrint print, Iterable<StoredAnswer> held, Predicate<String> isHeld) {
        if (requests.hasKept(key)) {
            return Difference.NONE;
        }
        Difference nearest = null;
        for (StoredAnswer answer : held) {
            RequestPrint other = RequestPrint.parse(answer.request());
            if (other != null) {
                Difference difference = print.from(other);
                nearest = nearest == null || difference.isSmallerThan(nearest) ? difference : nearest;
            }
        }
        for (RequestTable.Near near : requests.nearest(print)) {
            if (nearest != null && nearest.isSmallerThan(near.difference())) {
                break;
            }
            if (isHeld.test(near.key())) {
                return near.difference();
            }
            // It was evicted since, or is too old.
            requests.gone(near);
        }
        return nearest;
    }

    // --------------------------------------------------------------------------------------------------------- report

    /** The figures so far. */
    public LedgerReport report() {
        List<LedgerRow> all;
        synchronized (this) {
            all = new ArrayList<>(rows.values());
        }
        all.sort(Comparator.comparing(LedgerRow::cost).reversed());
        Tally spent = new Tally();
        Tally saved = new Tally();
        Tally background = new Tally();
        long unpriced = 0;
        List<LedgerReport.Model> models = new ArrayList<>();
        for (LedgerRow row : all) {
            unpriced += row.addTo(spent, saved, background);
            models.add(row.report());
        }
        Map<String, Long> reasons;
        synchronized (missReasons) {
            reasons = new TreeMap<>(missReasons);
        }
        return new LedgerReport(
                currency,
                spent.figures(),
                saved.figures(),
                background.figures(),
                saved.without(background),
                unpriced,
                counters.notStored(),
                counters.bypassed(),
                reasons,
                counters.faults(),
                models);
    }
}
