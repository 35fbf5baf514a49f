package io.tinyllm.cache.access;

import io.tinyllm.cache.Outcome;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Accesses to one cache, those of one thread in their order. Used again for the next batch, so that nothing is
 * allocated; whoever wants to keep an access copies it. Not thread-safe.
 */
public final class AccessBatch {

    private static final Outcome[] OUTCOMES = Outcome.values();

    private String cacheName = "";
    private final @Nullable Object[] keys;
    private final long[] records;
    private final long[] sessions;
    private long nowNanos;
    private int size;

    public AccessBatch(int capacity) {
        this.keys = new Object[capacity];
        this.records = new long[capacity];
        this.sessions = new long[capacity];
    }

    /** The cache. */
    public String cacheName() {
        return cacheName;
    }

    /** Returns how many accesses there are. */
    public int size() {
        return size;
    }

    /** The monotonic time of this batch, in nanoseconds: a little after its accesses. */
    public long nowNanos() {
        return nowNanos;
    }

    /** The key of an access. */
    public Object key(int index) {
        return Objects.requireNonNull(keys[index]);
    }

    /** How an access was answered, or what was done. */
    public Outcome outcome(int index) {
        return OUTCOMES[Packed.outcome(records[index])];
    }

    /**
     * Whether an access asked the tiers for a key: no write, load or bypass, and no answer from remembered failures.
     */
    public boolean isLookup(int index) {
        return switch (outcome(index)) {
            case MEMORY_HIT, REMOTE_HIT, REPLICA_HIT, STORE_HIT, STALE_HIT, MISS -> true;
            case NEGATIVE_HIT, BYPASS, LOAD, LOAD_FAILURE, PUT, EVICT -> false;
        };
    }

    /** A well-mixed hash of the key of an access. */
    public long hash(int index) {
        return hashOf(key(index));
    }

    /**
     * A well-mixed hash of a key, by the finalizer of SplitMix64: hash codes of neighbouring keys must not fall
     * together.
     */
    public static long hashOf(Object key) {
        long z = (key.hashCode() + 1L) * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    /** Returns how long an access took its caller, in nanoseconds, or -1 where it was not timed. */
    public long nanos(int index) {
        return Packed.nanos(records[index]);
    }

    /** About how many bytes the key of an access takes; 0 for few. */
    public long keyBytes(int index) {
        return AccessBytes.bytes(Packed.weight(records[index]));
    }

    /** Returns how many accesses a timed one stands for: those among which it was chosen at random to be timed. */
    public int weight(int index) {
        return Packed.isSampled(records[index]) ? AccessBuffer.SAMPLE : 1;
    }

    /** Whose accesses follow each other; zero where nobody asked for it. */
    public long session(int index) {
        return sessions[index];
    }

    public void begin(String cacheName, long nowNanos) {
        this.cacheName = cacheName;
        this.nowNanos = nowNanos;
    }

    boolean isFull() {
        return size == keys.length;
    }

    void add(Object key, long packed, long session) {
        keys[size] = key;
        records[size] = packed;
        sessions[size] = session;
        size++;
    }

    /** Lets go of the keys. */
    public void clear() {
        Arrays.fill(keys, 0, size, null);
        size = 0;
    }
}
