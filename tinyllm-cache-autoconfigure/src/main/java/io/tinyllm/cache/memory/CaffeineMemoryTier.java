package io.tinyllm.cache.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A local tier on one Caffeine cache, whose eviction (W-TinyLFU) it inherits. Thread-safe. */
public final class CaffeineMemoryTier implements MemoryTier {

    /** How many entries a visit puts in order. */
    private static final int ORDERED = 65_536;

    /**
     * The time by which a fixed one is prolonged: Caffeine may reckon a rewrite from a second earlier, and goes by a
     * time that is behind.
     */
    private static final long SLACK_NANOS = TimeUnit.MILLISECONDS.toNanos(1_100);

    /** How many entries are removed by whoever clears the tier; more are left to the garbage collector. */
    private static final long FEW = 4_096;

    /** Stands for no clock: the policy hears of every read. */
    private static final LongSupplier EVERY_READ = () -> 0;

    private final Supplier<Cache<Object, CacheEntry>> maker;
    private final MemoryBound limit;
    private final LongSupplier uses;
    private final Turnover turnover;
    private volatile Cache<Object, CacheEntry> cache;
    private final LongAdder evictions = new LongAdder();
    private final LongAdder expirations = new LongAdder();

    /**
     * Creates an empty tier that keeps entries for as long as each says.
     * @param limit its bound
     * @param ticker the monotonic time in nanoseconds that the entries go by, or one a little behind it
     * @param maintenance runs Caffeine's upkeep
     */
    CaffeineMemoryTier(MemoryBound limit, LongSupplier ticker, Executor maintenance) {
        this(limit, ticker, maintenance, EVERY_READ);
    }

    /**
     * Creates an empty tier that keeps entries for as long as each says.
     * @param limit its bound
     * @param ticker the monotonic time in nanoseconds that the entries go by, or one a little behind it
     * @param maintenance runs Caffeine's upkeep
     * @param uses the monotonic time of which {@link CacheEntry#used} is told
     */
    CaffeineMemoryTier(MemoryBound limit, LongSupplier ticker, Executor maintenance, LongSupplier uses) {
        this(
                limit,
                maintenance,
                uses,
                new Turnover(uses.getAsLong(), uses != EVERY_READ),
                Caffeine.newBuilder().ticker(ticker::getAsLong).expireAfter(new KeepTime()));
    }

    /**
     * Creates an empty tier that keeps entries for as long as each says.
     * @param maximumSize its bound, in entries, not negative
     * @param ticker the monotonic time in nanoseconds that the entries go by, or one a little behind it
     * @param maintenance runs Caffeine's upkeep
     */
    public CaffeineMemoryTier(long maximumSize, LongSupplier ticker, Executor maintenance) {
        this(MemoryBound.ofEntries(maximumSize), ticker, maintenance);
    }

    /**
     * Creates an empty tier that keeps every entry for the same time from its writing on. What says that it is of use
     * for less stays that long all the same: the cache does not serve it, and reads are cheaper where Caffeine keeps no
     * deadline for each.
     * @param limit its bound
     * @param ticker the monotonic time in nanoseconds that the entries go by, or one a little behind it
     * @param maintenance runs Caffeine's upkeep
     * @param uses the monotonic time of which {@link CacheEntry#used} is told
     * @param keepNanos the time, {@link CacheEntry#NEVER} for ever
     */
    static CaffeineMemoryTier keeping(
            MemoryBound limit, LongSupplier ticker, Executor maintenance, LongSupplier uses, long keepNanos) {
        Caffeine<Object, Object> builder = Caffeine.newBuilder();
        if (keepNanos != CacheEntry.NEVER) {
            long slack = keepNanos > CacheEntry.NEVER - SLACK_NANOS ? 0 : SLACK_NANOS;
            builder.expireAfterWrite(keepNanos + slack, TimeUnit.NANOSECONDS).ticker(ticker::getAsLong);
        }
        return new CaffeineMemoryTier(limit, maintenance, uses, new Turnover(uses.getAsLong(), false), builder);
    }

    /** The same of a bound of entries alone, whose policy hears of every read. */
    public static CaffeineMemoryTier keeping(
            long maximumSize, LongSupplier ticker, Executor maintenance, long keepNanos) {
        return keeping(MemoryBound.ofEntries(maximumSize), ticker, maintenance, EVERY_READ, keepNanos);
    }

    private CaffeineMemoryTier(
            MemoryBound limit,
            Executor maintenance,
            LongSupplier uses,
            Turnover turnover,
            Caffeine<? super Object, ? super CacheEntry> builder) {
        this.limit = limit;
        this.uses = uses;
        this.turnover = turnover;
        Caffeine<Object, CacheEntry> bounded =
                limit.set(builder).executor(maintenance).evictionListener(this::onEviction);
        this.maker = bounded::build;
        this.cache = maker.get();
    }

    private Policy.Eviction<Object, CacheEntry> bound() {
        return cache.policy().eviction().orElseThrow();
    }

    private void onEviction(@Nullable Object key, @Nullable CacheEntry entry, RemovalCause cause) {
        if (cause == RemovalCause.SIZE) {
            evictions.increment();
            if (uses != EVERY_READ) {
                turnover.evicted(uses.getAsLong(), cache.estimatedSize());
            }
        } else if (cause == RemovalCause.EXPIRED) {
            expirations.increment();
        }
    }

    /**
     * Caffeine notes every read of an entry, for what it may evict one day; where much is read and little is evicted,
     * it is spared those that follow another of the same entry at once. Where it keeps deadlines it notes them however
     * empty it is.
     */
    @Override
    public @Nullable CacheEntry get(Object key) {
        Cache<Object, CacheEntry> cache = this.cache;
        if (turnover.hasBegun()) {
            long now = uses.getAsLong();
            if (turnover.mayLeaveOut(now)) {
                CacheEntry entry = cache.policy().getIfPresentQuietly(key);
                if (entry != null && entry.wasUsedLately(now)) {
                    return entry;
                }
            }
        }
        return cache.getIfPresent(key);
    }

    @Override
    public @Nullable CacheEntry peek(Object key) {
        return cache.policy().getIfPresentQuietly(key);
    }

    @Override
    public void put(Object key, CacheEntry entry) {
        cache.put(key, entry);
    }

    @Override
    public void replace(Object key, CacheEntry former, CacheEntry entry) {
        cache.asMap().replace(key, former, entry);
    }

    @Override
    public @Nullable CacheEntry remove(Object key) {
        return cache.asMap().remove(key);
    }

    @Override
    public void expire(Object key, CacheEntry entry) {
        if (cache.asMap().remove(key, entry)) {
            expirations.increment();
        }
    }

    /**
     * Removes few entries one by one; many it leaves behind with the cache that holds them, so that the caller does not
     * wait for them; what was learnt of the traffic goes with them. A put that meets such a clear may be lost, as if it
     * had come before.
     */
    @Override
    public synchronized void clear() {
        if (cache.estimatedSize() <= FEW) {
            cache.invalidateAll();
            return;
        }
        Cache<Object, CacheEntry> empty = maker.get();
        empty.policy().eviction().orElseThrow().setMaximum(limit.units());
        turnover.restart(uses.getAsLong());
        cache = empty;
    }

    @Override
    public long size() {
        return cache.estimatedSize();
    }

    @Override
    public long evictions() {
        return evictions.sum();
    }

    @Override
    public long expirations() {
        return expirations.sum();
    }

    @Override
    public long maximumSize() {
        return limit.entries();
    }

    @Override
    public synchronized void resize(long maximumSize) {
        limit.resize(maximumSize);
        LearntState.resize(cache, limit.units());
    }

    @Override
    public boolean isWeighed() {
        return limit.isWeighed();
    }

    @Override
    public long maximumWeight() {
        return limit.bytes();
    }

    @Override
    public long weight() {
        return isWeighed() ? limit.bytesOf(bound().weightedSize().orElse(0)) : 0;
    }

    @Override
    public synchronized void resizeWeight(long maximumWeight) {
        if (!isWeighed()) {
            return;
        }
        int before = limit.least();
        limit.resizeWeight(maximumWeight);
        if (limit.least() > before) {
            LearntState.resize(cache, limit.units());
        }
        if (limit.least() != before) {
            weighAnew(Math.max(before, limit.least()));
        }
        LearntState.resize(cache, limit.units());
    }

    /** Weighs again what weighs the least by another bound, or no more than it must by this one. */
    private void weighAnew(int least) {
        Policy.Eviction<Object, CacheEntry> bound = bound();
        cache.asMap().forEach((key, entry) -> {
            if (bound.weightOf(key).orElse(Integer.MAX_VALUE) <= least) {
                cache.asMap().replace(key, entry, entry);
            }
        });
        cache.cleanUp();
    }

    @Override
    public long places(CacheEntry entry) {
        return limit.places(entry);
    }

    /**
     * Visits the hottest entries in order and the rest, where there are more than {@value #ORDERED}, in none: the order
     * is known only to whoever holds Caffeine's eviction lock, which writers need as well.
     */
    @Override
    public void forEach(BiConsumer<Object, CacheEntry> visitor) {
        Set<Object> hottest = bound().hottest(entries ->
                entries.limit(ORDERED).map(Map.Entry::getKey).collect(Collectors.toCollection(LinkedHashSet::new)));
        for (Object key : hottest) {
            CacheEntry entry = peek(key);
            if (entry != null) {
                visitor.accept(key, entry);
            }
        }
        if (hottest.size() == ORDERED) {
            cache.asMap().forEach((key, entry) -> {
                if (!hottest.contains(key)) {
                    visitor.accept(key, entry);
                }
            });
        }
    }

    @Override
    public void scan(BiConsumer<Object, CacheEntry> visitor) {
        cache.asMap().forEach(visitor);
    }

    /** Keeps an entry for as long as it says, reckoned from its writing. */
    private static final class KeepTime implements Expiry<Object, CacheEntry> {

        @Override
        public long expireAfterCreate(Object key, CacheEntry entry, long currentTime) {
            long keep = entry.keepNanos();
            return keep == CacheEntry.NEVER ? CacheEntry.NEVER : keep - (currentTime - entry.createdNanos());
        }

        @Override
        public long expireAfterUpdate(Object key, CacheEntry entry, long currentTime, long currentDuration) {
            return expireAfterCreate(key, entry, currentTime);
        }

        @Override
        public long expireAfterRead(Object key, CacheEntry entry, long currentTime, long currentDuration) {
            return currentDuration;
        }
    }
}
