package io.tinyllm.cache.memory;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongToIntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A local tier with an area beside it for entries that nobody has asked for. The first read of such an entry moves it
 * to the tier; until then it has no need to win against what is in use there. The area has about as many places as its
 * entries take, one each where values are not weighed, and the tier has the rest: an area that was never used costs
 * nothing. Whoever fills the area also empties it. A hit of the tier costs no more than without the area. Thread-safe.
 */
public final class StagedMemoryTier implements MemoryTier {

    /** How fine the bound is divided. In smaller ones a place is more than that, and none is kept in vain. */
    private static final int STEPS = 256;

    private final MemoryTier tier;
    private final LongToIntFunction area;

    /** The bound of both together, and how many of it may be the area's. */
    private volatile long bound;

    private volatile int capacity;

    /** How many places the tier has been left without; guarded by this object for writing. */
    private volatile int places;

    private final LongSupplier ticker;
    private final Predicate<CacheEntry> isEvicted;
    private final Consumer<Object> onUsed;
    private final Consumer<Object> onGone;

    /**
     * Every change of a key but expiry, in the tier too, is made while the map has the key to itself: a move must not
     * bring back what was removed.
     */
    private final ConcurrentHashMap<Object, Waiting> staged = new ConcurrentHashMap<>();

    /** The sum of their places. */
    private final AtomicLong taken = new AtomicLong();

    /**
     * Creates the area, empty.
     * @param tier the tier beside it, which still has all of the bound
     * @param maximumSize the bound of both together
     * @param area how much of such a bound may be the area's; more entries are turned away
     * @param ticker the monotonic time in nanoseconds, the one that the entries go by
     * @param isEvicted whether an entry was evicted without being removed, by a tag for one
     * @param onUsed hears of a key whose entry was asked for; short, and never calls back
     * @param onGone hears of a key whose entry was replaced or removed before anybody asked for it; short, and never
     *     calls back
     */
    public StagedMemoryTier(
            MemoryTier tier,
            long maximumSize,
            LongToIntFunction area,
            LongSupplier ticker,
            Predicate<CacheEntry> isEvicted,
            Consumer<Object> onUsed,
            Consumer<Object> onGone) {
        this.tier = tier;
        this.area = area;
        this.bound = maximumSize;
        this.capacity = area.applyAsInt(maximumSize);
        this.ticker = ticker;
        this.isEvicted = isEvicted;
        this.onUsed = onUsed;
        this.onGone = onGone;
    }

    @Override
    public @Nullable CacheEntry get(Object key) {
        CacheEntry entry = tier.get(key);
        return entry != null || !staged.containsKey(key) ? entry : take(key);
    }

    /** What is staged is taken by {@link #get} alone. */
    @Override
    public @Nullable CacheEntry getIfPresent(Object key) {
        return tier.getIfPresent(key);
    }

    @Override
    public void countHit(Object key) {
        tier.countHit(key);
    }

    private @Nullable CacheEntry take(Object key) {
        CacheEntry[] read = new CacheEntry[1];
        staged.computeIfPresent(key, (k, waiting) -> {
            CacheEntry entry = waiting.entry();
            boolean evicted = isEvicted.test(entry);
            if (isLive(entry) && !evicted) {
                tier.put(k, entry);
                read[0] = entry;
            }
            // Past its time-to-live, or evicted, it spares nobody a load.
            (isFresh(entry) && !evicted ? onUsed : onGone).accept(k);
            return left(waiting);
        });
        divide(0);
        // Where another reader was first, the tier has it.
        return read[0] != null ? read[0] : tier.get(key);
    }

    private boolean isFresh(CacheEntry entry) {
        return entry.ttlNanos() == CacheEntry.NEVER || ticker.getAsLong() - entry.createdNanos() < entry.ttlNanos();
    }

    private boolean isLive(CacheEntry entry) {
        return entry.keepNanos() == CacheEntry.NEVER || ticker.getAsLong() - entry.createdNanos() < entry.keepNanos();
    }

    @Override
    public @Nullable CacheEntry peek(Object key) {
        CacheEntry entry = tier.peek(key);
        if (entry == null) {
            Waiting waiting = staged.get(key);
            entry = waiting == null ? null : waiting.entry();
        }
        if (entry == null) {
            // It may have been moved between the two looks.
            entry = tier.peek(key);
        }
        return entry == null || isLive(entry) ? entry : null;
    }

    @Override
    public void put(Object key, CacheEntry entry) {
        staged.compute(key, (k, waiting) -> {
            tier.put(k, entry);
            return gone(k, waiting);
        });
        divide(0);
    }

    /**
     * Stores an entry that nobody has asked for yet. It takes no other's place, and is turned away where the area is
     * full.
     * @param key the key
     * @param entry the entry
     */
    public void stage(Object key, CacheEntry entry) {
        long more = tier.places(entry);
        if (taken.get() + more > capacity) {
            dropExpired();
        }
        if (taken.get() + more <= capacity) {
            divide(more);
        }
        staged.compute(key, (k, waiting) -> {
            if (tier.peek(k) != null) {
                // Expired but kept, as entries are that were asked for.
                tier.put(k, entry);
                return gone(k, waiting);
            }
            long less = waiting == null ? 0 : waiting.places();
            if (taken.addAndGet(more - less) > capacity && more > less) {
                taken.addAndGet(less - more);
                return gone(k, waiting);
            }
            return new Waiting(entry, more);
        });
        divide(0);
    }

    private void dropExpired() {
        staged.forEach((key, waiting) -> {
            if (!isLive(waiting.entry()) && staged.remove(key, waiting)) {
                gone(key, waiting);
            }
        });
    }

    @Override
    public @Nullable CacheEntry remove(Object key) {
        CacheEntry[] removed = new CacheEntry[1];
        staged.compute(key, (k, waiting) -> {
            CacheEntry entry = tier.remove(k);
            removed[0] = entry != null || waiting == null ? entry : waiting.entry();
            return gone(k, waiting);
        });
        divide(0);
        return removed[0];
    }

    /** Asks the tier beside it alone: what is staged is never refreshed. */
    @Override
    public void replace(Object key, CacheEntry former, CacheEntry entry) {
        tier.replace(key, former, entry);
    }

    /** Drops an entry that was asked for. */
    @Override
    public void expire(Object key, CacheEntry entry) {
        tier.expire(key, entry);
    }

    private @Nullable Waiting gone(Object key, @Nullable Waiting waiting) {
        if (waiting != null) {
            onGone.accept(key);
        }
        return left(waiting);
    }

    /** Frees the places of an entry that has left the area. */
    private @Nullable Waiting left(@Nullable Waiting waiting) {
        if (waiting != null) {
            taken.addAndGet(-waiting.places());
        }
        return null;
    }

    /** Treats an entry as one that was asked for. */
    public void keep(Object key) {
        staged.computeIfPresent(key, (k, waiting) -> {
            tier.put(k, waiting.entry());
            return left(waiting);
        });
        divide(0);
    }

    /** Drops an entry that nobody has asked for, and no other. */
    public void discard(Object key) {
        left(staged.remove(key));
        divide(0);
    }

    /** How many entries wait for somebody to ask for them. */
    public int staged() {
        return staged.size();
    }

    @Override
    public void clear() {
        // In this order: a move that is under way ends before the tier is emptied.
        for (Object key : staged.keySet()) {
            staged.computeIfPresent(key, this::gone);
        }
        tier.clear();
        divide(0);
    }

    @Override
    public long size() {
        return tier.size() + staged.mappingCount();
    }

    @Override
    public long evictions() {
        return tier.evictions();
    }

    @Override
    public long expirations() {
        return tier.expirations();
    }

    @Override
    public long maximumSize() {
        return bound;
    }

    @Override
    public synchronized void resize(long maximumSize) {
        bound = maximumSize;
        capacity = area.applyAsInt(maximumSize);
        places = placesFor(0);
        tier.resize(maximumSize - places);
    }

    /**
     * Leaves the area the places that it needs, and the tier the rest. The tier may evict now, as at any other write;
     * this is never called under the lock of a staged key.
     */
    private void divide(long more) {
        if (placesFor(more) != places) {
            synchronized (this) {
                // Whoever changes the area after this has counted it looks again, and waits.
                for (int needed = placesFor(more); needed != places; needed = placesFor(more)) {
                    places = needed;
                    tier.resize(bound - needed);
                }
            }
        }
    }

    private int placesFor(long more) {
        return places(places, (int) Math.min(Integer.MAX_VALUE, taken.get() + more), bound, capacity);
    }

    /**
     * How many places an area has that had some. Every change makes the eviction policy beside it learn anew what suits
     * it, and so they are few: the area takes at least half as many places more, gives none back until two thirds are
     * free, and keeps one step, a 256th of the bound, once it was used. Where a place is more than a 256th, it keeps
     * none: one of 150 can be worth a hundredth of the misses.
     * @param places how many it had
     * @param entries how many it holds
     * @param bound that of both together
     * @param capacity the most that the area may have
     */
    public static int places(int places, int entries, long bound, int capacity) {
        int step = (int) Math.max(1, Math.min(bound, Integer.MAX_VALUE) / STEPS);
        int needed = (int) Math.min(capacity, ((long) entries + step - 1) / step * step);
        if (needed > places) {
            return (int) Math.min(capacity, Math.max(needed, places + (long) places / 2));
        }
        int kept = places == 0 || bound < STEPS ? needed : Math.max(needed, step);
        return Math.min(capacity, 3L * kept <= places ? kept + kept / 2 : places);
    }

    @Override
    public boolean isWeighed() {
        return tier.isWeighed();
    }

    @Override
    public long maximumWeight() {
        return isWeighed() ? (long) (tier.maximumWeight() + places * bytesOfPlace()) : Long.MAX_VALUE;
    }

    @Override
    public long weight() {
        return isWeighed() ? (long) (tier.weight() + taken.get() * bytesOfPlace()) : 0;
    }

    private double bytesOfPlace() {
        return (double) tier.maximumWeight() / Math.max(1, tier.maximumSize());
    }

    @Override
    public synchronized void resizeWeight(long maximumWeight) {
        tier.resizeWeight((long) ((double) maximumWeight * tier.maximumSize() / Math.max(1, bound)));
    }

    @Override
    public long places(CacheEntry entry) {
        return tier.places(entry);
    }

    /** Visits what was asked for. */
    @Override
    public void forEach(BiConsumer<Object, CacheEntry> visitor) {
        tier.forEach(visitor);
    }

    /** Visits what was asked for. */
    @Override
    public void scan(BiConsumer<Object, CacheEntry> visitor) {
        tier.scan(visitor);
    }

    @Override
    public boolean isStaged(Object key) {
        return staged.containsKey(key) && tier.peek(key) == null;
    }

    @Override
    public void forEachStaged(Consumer<Object> visitor) {
        staged.keySet().forEach(visitor);
    }

    @Override
    public List<PartitionStatistics> partitions() {
        return tier.partitions();
    }

    /** An entry that nobody has asked for, and how many places it takes. */
    private record Waiting(CacheEntry entry, long places) {}
}
