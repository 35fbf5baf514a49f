package io.tinyllm.cache.memory;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.core.port.CacheEntry;
import org.jspecify.annotations.Nullable;

/**
 * The bound of a local tier: a number of entries, and for one that weighs them the bytes of their values as well.
 * Caffeine knows one bound. Hence where there are two, an entry weighs its bytes but at least its part of them, the
 * bytes by the entries, so that there are never more entries either. Caffeine's weights are of 31 bits: those of a
 * large bound count in units of more than a byte. Changed by one thread at a time, read by any.
 */
final class MemoryBound {

    /** As many units make up the bound at first; it may grow to twice as many of them before weights are cut. */
    private static final long UNITS = 1L << 30;

    private final @Nullable HeapWeigher weigher;
    private final long unit;
    private volatile long entries;

    /** The bytes for each entry. */
    private volatile double part;

    private MemoryBound(long entries, @Nullable HeapWeigher weigher, long unit, double part) {
        this.entries = entries;
        this.weigher = weigher;
        this.unit = unit;
        this.part = part;
    }

    /** A bound of entries alone. */
    static MemoryBound ofEntries(long entries) {
        return new MemoryBound(entries, null, 1, 1);
    }

    /**
     * A bound of entries, and in proportion to them of the bytes of their values.
     * @param entries the most entries
     * @param weigher estimates the bytes
     * @param bytes the most bytes of the whole of which this is a part
     * @param ofEntries the most entries of that whole
     */
    static MemoryBound ofBytes(long entries, HeapWeigher weigher, long bytes, long ofEntries) {
        return new MemoryBound(entries, weigher, Math.max(1, bytes / UNITS), (double) bytes / Math.max(1, ofEntries));
    }

    boolean isWeighed() {
        return weigher != null;
    }

    long entries() {
        return entries;
    }

    long bytes() {
        return weigher == null ? Long.MAX_VALUE : (long) (part * entries);
    }

    /** The bound that Caffeine gets. */
    long units() {
        return weigher == null ? entries : bytes() / unit;
    }

    long bytesOf(long units) {
        return units * unit;
    }

    /** The least that an entry weighs, in units. */
    int least() {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, Math.ceil(part / unit)));
    }

    void resize(long entries) {
        this.entries = entries;
    }

    void resizeWeight(long bytes) {
        if (entries > 0) {
            part = (double) bytes / entries;
        }
    }

    /** How many of the entries one entry counts for. */
    long places(CacheEntry entry) {
        return weigher == null ? 1 : Math.max(1, (long) Math.ceil(weigher.weigh(entry.value()) / part));
    }

    Caffeine<Object, CacheEntry> set(Caffeine<? super Object, ? super CacheEntry> builder) {
        @SuppressWarnings("unchecked")
        Caffeine<Object, CacheEntry> typed = (Caffeine<Object, CacheEntry>) builder;
        HeapWeigher weighs = weigher;
        return weighs == null
                ? typed.maximumSize(entries)
                : typed.maximumWeight(units()).weigher((key, entry) -> {
                    long units = weighs.weigh(entry.value()) / unit;
                    return (int) Math.min(Integer.MAX_VALUE, Math.max(units, least()));
                });
    }
}
