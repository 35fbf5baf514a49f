package io.tinyllm.cache.analytics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The most requested keys and about how often each was requested, in bounded memory.
 *
 * <p>A HeavyKeeper (Yang et al., HeavyKeeper: An Accurate Algorithm for Finding Top-k Elephant Flows, ATC 2018) of
 * {@value #ROWS} rows of {@value #COLUMNS} buckets, and a heap of the {@value #CANDIDATES} keys with the highest
 * estimates. A request of another key lowers the count of a bucket with a probability that falls exponentially with
 * that count, so that many cold keys do not look like a hot one. A count is too high only where two keys share a
 * fingerprint of 16 bits and a bucket, and too low by more than {@link #errorBound} for at most one key in 20.
 *
 * <p>Counts are those since the beginning, each {@link #age} halving them: called once an hour, a request of the last
 * hour counts whole, of the hour before half. Not thread safe: one consumer calls it. 48 KB and the candidates; it
 * holds on to their keys.
 */
public final class HotKeys {

    /** How many keys are followed, the most that {@link #top} can answer. */
    public static final int CANDIDATES = 128;

    private static final int ROWS = 2;
    private static final int COLUMNS = 4096;
    private static final double BASE = 1.08;
    private static final double BOUND_PROBABILITY = 0.05;

    /** By count: the probability that a foreign request lowers it, of 2^31. From here on it is as good as none. */
    private static final int[] DECAY = new int[256];

    static {
        for (int count = 0; count < DECAY.length; count++) {
            DECAY[count] = (int) (Math.pow(BASE, -count) * Integer.MAX_VALUE);
        }
    }

    private final short[] fingerprints = new short[ROWS * COLUMNS];
    private final int[] counts = new int[ROWS * COLUMNS];
    private final Candidate[] heap = new Candidate[CANDIDATES];
    private final Map<Object, Candidate> candidates = new HashMap<>(2 * CANDIDATES);
    private long random = 0x9E3779B97F4A7C15L;
    private long total;
    private int size;

    /** A hot key and its estimated number of requests. */
    public record HotKey(Object key, long count) {}

    private static final class Candidate {
        final Object key;
        int count;
        int index;

        Candidate(Object key) {
            this.key = key;
        }
    }

    /** Counts a request of a key; {@code hash} is a well-mixed 64-bit hash of it. */
    public void record(Object key, long hash) {
        total++;
        int count = increment(hash);
        if (size < CANDIDATES || count >= heap[0].count) {
            offer(key, count);
        }
    }

    /** Counts in every row and returns the estimate. */
    private int increment(long hash) {
        short fingerprint = (short) (hash >>> 48);
        int estimate = 0;
        for (int row = 0; row < ROWS; row++) {
            int bucket = bucket(row, hash);
            int count = counts[bucket];
            if (fingerprints[bucket] == fingerprint) {
                if (count < Integer.MAX_VALUE) {
                    counts[bucket] = ++count;
                }
                estimate = Math.max(estimate, count);
            } else if (count < DECAY.length && nextRandom() <= DECAY[count]) {
                if (count <= 1) {
                    fingerprints[bucket] = fingerprint;
                    counts[bucket] = 1;
                    estimate = Math.max(estimate, 1);
                } else {
                    counts[bucket] = count - 1;
                }
            }
        }
        return estimate;
    }

    private static int bucket(int row, long hash) {
        return row * COLUMNS + ((int) (hash >>> (row * 16)) & (COLUMNS - 1));
    }

    /** A number of 31 random bits, by xorshift. */
    private int nextRandom() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return (int) (random >>> 33);
    }

    private void offer(Object key, int count) {
        Candidate candidate = candidates.get(key);
        if (candidate == null) {
            candidate = new Candidate(key);
            candidate.count = count;
            if (size < CANDIDATES) {
                place(candidate, size++);
                siftUp(candidate.index);
            } else if (count > heap[0].count) {
                candidates.remove(heap[0].key);
                place(candidate, 0);
                siftDown(0);
            } else {
                return;
            }
            candidates.put(key, candidate);
        } else if (count > candidate.count) {
            candidate.count = count;
            siftDown(candidate.index);
        }
    }

    private void place(Candidate candidate, int index) {
        heap[index] = candidate;
        candidate.index = index;
    }

    private void siftUp(int start) {
        int index = start;
        Candidate moved = heap[index];
        while (index > 0 && heap[(index - 1) / 2].count > moved.count) {
            place(heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }
        place(moved, index);
    }

    private void siftDown(int start) {
        int index = start;
        Candidate moved = heap[index];
        while (true) {
            int child = 2 * index + 1;
            if (child + 1 < size && heap[child + 1].count < heap[child].count) {
                child++;
            }
            if (child >= size || heap[child].count >= moved.count) {
                break;
            }
            place(heap[child], index);
            index = child;
        }
        place(moved, index);
    }

    /** The {@code n} hottest keys, hottest first; fewer when fewer were seen, at most {@value #CANDIDATES}. */
    public List<HotKey> top(int n) {
        List<HotKey> keys = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            keys.add(new HotKey(heap[i].key, heap[i].count));
        }
        keys.sort(Comparator.comparingLong(HotKey::count).reversed());
        return List.copyOf(keys.subList(0, Math.min(n, size)));
    }

    /** The estimated number of requests of the key with this hash; 0 or 1 tells that it is not hot. */
    public long count(long hash) {
        int estimate = 0;
        for (int row = 0; row < ROWS; row++) {
            int bucket = bucket(row, hash);
            if (fingerprints[bucket] == (short) (hash >>> 48)) {
                estimate = Math.max(estimate, counts[bucket]);
            }
        }
        return estimate;
    }

    /** By how much an estimate of {@code count} may be too low, exceeded for at most one key in 20. */
    public long errorBound(long count) {
        return (long) Math.ceil(total / (BOUND_PROBABILITY * COLUMNS * (BASE - 1) * Math.max(1, count)));
    }

    /** Halves every count and forgets the candidates that are left with none. */
    public void age() {
        total /= 2;
        for (int i = 0; i < counts.length; i++) {
            counts[i] >>>= 1;
        }
        @Nullable Candidate[] before = heap.clone();
        int n = size;
        size = 0;
        candidates.clear();
        for (int i = 0; i < n; i++) {
            Candidate candidate = before[i];
            if (candidate != null && candidate.count > 1) {
                offer(candidate.key, candidate.count / 2);
            }
        }
    }
}
