package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.NotStored;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what the layer over the caches of answers does not do. Thread-safe. */
public final class AnswerCounters {

    private final Map<NotStored, LongAdder> notStored = new EnumMap<>(NotStored.class);
    private final Map<String, LongAdder> bypassed = new ConcurrentHashMap<>();
    private final LongAdder faults = new LongAdder();

    /** Creates counters at zero. */
    public AnswerCounters() {
        for (NotStored reason : NotStored.values()) {
            notStored.put(reason, new LongAdder());
        }
    }

    /** Counts an answer that was returned and not stored. */
    public void notStored(NotStored reason) {
        count(notStored.get(reason));
    }

    /** Counts a request that was answered without the cache. */
    public void bypassed(String reason) {
        count(bypassed.computeIfAbsent(reason, unknown -> new LongAdder()));
    }

    /** Counts a fault of the cache, in whose place the model was asked. */
    public void fault() {
        faults.increment();
    }

    /** How many answers were returned and not stored. */
    public long notStoredFor(NotStored reason) {
        LongAdder adder = notStored.get(reason);
        return adder == null ? 0 : adder.sum();
    }

    /** How many requests were answered without the cache. */
    public long bypassedFor(String reason) {
        LongAdder adder = bypassed.get(reason);
        return adder == null ? 0 : adder.sum();
    }

    /** How many answers were returned and not stored, by reason; reasons that never applied are not in it. */
    public Map<String, Long> notStored() {
        Map<String, Long> counts = new TreeMap<>();
        notStored.forEach((reason, adder) -> put(counts, reason.text(), adder));
        return counts;
    }

    /** How many requests were answered without the cache, by reason. */
    public Map<String, Long> bypassed() {
        Map<String, Long> counts = new TreeMap<>();
        bypassed.forEach((reason, adder) -> put(counts, reason, adder));
        return counts;
    }

    private static void put(Map<String, Long> counts, String reason, LongAdder adder) {
        if (adder.sum() > 0) {
            counts.put(reason, adder.sum());
        }
    }

    /** How many faults of the cache there were. */
    public long faults() {
        return faults.sum();
    }

    private static void count(@Nullable LongAdder adder) {
        if (adder != null) {
            adder.increment();
        }
    }
}
