package io.tinyllm.cache.memory;

import io.tinyllm.cache.core.CacheEntry;
import io.tinyllm.cache.core.MemoryTier;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A local tier with a small area beside it for entries that nobody has asked for. The first read of such an entry moves it to the tier;
 * until then it takes no place there, so that it pushes out nothing and has no need to win against what is in use. Whoever fills the area
 * also empties it. A hit of the tier costs no more than without the area. Thread-safe.
 */
public final class StagedMemoryTier implements MemoryTier {

    private final MemoryTier tier;
    private final LongToIntFunction area;

    /** How many entries the area holds at most. */
    private volatile int capacity;

    private final LongSupplier ticker;
    private final Consumer<Object> onUsed;
    private final Consumer<Object> onGone;

    /** Every change of a key but expiry, in the tier too, is made while the map has the key to itself: a move must not bring back what was removed. */
    private final ConcurrentHashMap<Object, CacheEntry> staged = new ConcurrentHashMap<>();

    /**
     * Creates the area, empty.
     * @param tier the tier beside it, with a bound of what the area leaves it
     * @param maximumSize the bound of both together
     * @param area how much of such a bound is the area's; more entries are turned away
     * @param ticker the monotonic time in nanoseconds, the one that the entries go by
     * @param onUsed hears of a key whose entry was asked for; short, and never calls back
     * @param onGone hears of a key whose entry was replaced or removed before anybody asked for it; short, and never calls back
     */
    public StagedMemoryTier(
            MemoryTier tier,
            long maximumSize,
            LongToIntFunction area,
            LongSupplier ticker,
            Consumer<Object> onUsed,
            Consumer<Object> onGone) {
        this.tier = tier;
        this.area = area;
        this.capacity = area.applyAsInt(maximumSize);
        this.ticker = ticker;
        this.onUsed = onUsed;
        this.onGone = onGone;
    }

    @Override
    public @Nullable CacheEntry get(Object key) {
        CacheEntry entry = tier.get(key);
        return entry != null || !staged.containsKey(key) ? entry : take(key);
    }

    private @Nullable CacheEntry take(Object key) {
        CacheEntry[] taken = new CacheEntry[1];
        staged.computeIfPresent(key, (k, entry) -> {
            if (isLive(entry)) {
                tier.put(k, entry);
                taken[0] = entry;
            }
            // Past its time-to-live it spares nobody a load.
            (isFresh(entry) ? onUsed : onGone).accept(k);
            return null;
        });
        // Where another reader was first, the tier has it.
        return taken[0] != null ? taken[0] : tier.get(key);
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
            entry = staged.get(key);
        }
        if (entry == null) {
            // It may have been moved between the two looks.
            entry = tier.peek(key);
        }
        return entry == null || isLive(entry) ? entry : null;
    }

    @Override
    public void put(Object key, CacheEntry entry) {
        staged.compute(key, (k, unasked) -> {
            tier.put(k, entry);
            return gone(k, unasked);
        });
    }

    @Override
    public void putUnproven(Object key, CacheEntry entry) {
        if (staged.mappingCount() >= capacity) {
            dropExpired();
        }
        staged.compute(key, (k, unasked) -> {
            if (tier.peek(k) != null) {
                // Expired but kept, as entries are that were asked for.
                tier.put(k, entry);
                return gone(k, unasked);
            }
            return unasked != null || staged.mappingCount() < capacity ? entry : null;
        });
    }

    private void dropExpired() {
        staged.forEach((key, entry) -> {
            if (!isLive(entry) && staged.remove(key, entry)) {
                onGone.accept(key);
            }
        });
    }

    @Override
    public @Nullable CacheEntry remove(Object key) {
        CacheEntry[] removed = new CacheEntry[1];
        staged.compute(key, (k, unasked) -> {
            CacheEntry entry = tier.remove(k);
            removed[0] = entry != null ? entry : unasked;
            return gone(k, unasked);
        });
        return removed[0];
    }

    /** Drops an entry that was asked for. */
    @Override
    public void expire(Object key, CacheEntry entry) {
        tier.expire(key, entry);
    }

    private @Nullable CacheEntry gone(Object key, @Nullable CacheEntry unasked) {
        if (unasked != null) {
            onGone.accept(key);
        }
        return null;
    }

    /** Treats an entry as one that was asked for. */
    public void keep(Object key) {
        staged.computeIfPresent(key, (k, entry) -> {
            tier.put(k, entry);
            return null;
        });
    }

    /** Drops an entry that nobody has asked for, and no other. */
    public void discard(Object key) {
        staged.remove(key);
    }

    /** How many entries wait for somebody to ask for them. */
    public int staged() {
        return staged.size();
    }

    @Override
    public void clear() {
        // In this order: a move that is under way ends before the tier is emptied.
        staged.keySet().forEach(onGone);
        staged.clear();
        tier.clear();
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
        return tier.maximumSize() + capacity;
    }

    @Override
    public void resize(long maximumSize) {
        int places = area.applyAsInt(maximumSize);
        capacity = places;
        tier.resize(maximumSize - places);
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
    public List<PartitionStatistics> partitions() {
        return tier.partitions();
    }
}
