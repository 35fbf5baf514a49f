package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.AccessRecorder;
import java.util.function.LongSupplier;

/** Counts what callers ask for and what loads bring, and shows it to whoever watches. Thread-safe. */
final class Requests {

    /** A start that nobody wants to know. */
    static final long UNTIMED = Long.MIN_VALUE;

    private final CacheCounters counters;
    private final AccessRecorder recorder;
    private final boolean watched;
    private final LongSupplier ticker;

    Requests(CacheCounters counters, AccessRecorder recorder, LongSupplier ticker) {
        this.counters = counters;
        this.recorder = recorder;
        this.watched = recorder.exists();
        this.ticker = ticker;
    }

    void count(Flight flight, Outcome outcome) {
        count(flight.key(), outcome, flight.startedNanos());
    }

    /** Counts how one request of a caller was answered, and how long that took from its start. */
    void count(Object key, Outcome outcome, long startedNanos) {
        switch (outcome) {
            case MEMORY_HIT -> counters.memoryHits.increment();
            case NEGATIVE_HIT -> {
                counters.memoryHits.increment();
                counters.negativeHits.increment();
            }
            case STALE_HIT -> {
                counters.memoryHits.increment();
                counters.staleHits.increment();
            }
            case REMOTE_HIT -> counters.remoteHits.increment();
            case REPLICA_HIT -> counters.replicaHits.increment();
            case STORE_HIT -> counters.storeHits.increment();
            case BYPASS -> counters.bypassed.increment();
            default -> counters.misses.increment();
        }
        if (watched) {
            recorder.record(key, outcome, since(startedNanos));
        }
    }

    /** Counts one run of a load. */
    void loaded(Flight flight, Outcome outcome) {
        long nanos = since(flight.startedNanos());
        counters.loadNanos.add(nanos);
        counters.loads.increment();
        if (outcome == Outcome.LOAD_FAILURE) {
            counters.loadFailures.increment();
        }
        recorder.record(flight.key(), outcome, nanos);
    }

    /** Counts a put of a caller. */
    void put(Object key) {
        counters.puts.increment();
        recorder.record(key, Outcome.PUT, -1);
    }

    /** Records an evict of a caller. */
    void evict(Object key) {
        recorder.record(key, Outcome.EVICT, -1);
    }

    /** Returns how long something took from its start, -1 for what is untimed. */
    long since(long startedNanos) {
        return startedNanos == UNTIMED ? -1 : ticker.getAsLong() - startedNanos;
    }
}
