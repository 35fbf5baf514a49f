package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.AccessRecorder;
import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.LoadLeases;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.core.port.WritePolicy;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** Puts a {@link TieredCache} together; every port is {@code none()} until said otherwise. Not thread-safe. */
public final class TieredCacheBuilder {

    private final CacheParts parts;

    TieredCacheBuilder(String name) {
        this.parts = new CacheParts(name);
    }

    /** The monotonic time, in nanoseconds; the same that the tiers go by. */
    public TieredCacheBuilder ticker(LongSupplier ticker) {
        parts.ticker = ticker;
        return this;
    }

    /** A time that is cheap to read and not behind the ticker; the ticker itself where there is none. */
    public TieredCacheBuilder ahead(LongSupplier ahead) {
        parts.ahead = ahead;
        return this;
    }

    /** Makes the entries. */
    public TieredCacheBuilder entries(CacheEntry.Factory entries) {
        parts.entries = entries;
        return this;
    }

    /** The local tier. */
    public TieredCacheBuilder memory(MemoryTier memory) {
        parts.memory = memory;
        return this;
    }

    /** The shared tier. */
    public TieredCacheBuilder remote(RemoteTier remote) {
        parts.remote = remote;
        return this;
    }

    /** The tags of entries, and which of them were evicted. */
    public TieredCacheBuilder tags(TagPolicy tags) {
        parts.tags = tags;
        return this;
    }

    /** The observer of every load that the gate has let through. */
    public TieredCacheBuilder loadObserver(LoadGate observer) {
        parts.loadObserver = observer;
        return this;
    }

    /** Whose turn it is to load, among the JVMs that share the remote tier. */
    public TieredCacheBuilder leases(LoadLeases leases) {
        parts.leases = leases;
        return this;
    }

    /** The write policy between the cache and a store under it. */
    public TieredCacheBuilder writes(WritePolicy writes) {
        parts.writes = writes;
        return this;
    }

    /** The memory of absent and failing keys. */
    public TieredCacheBuilder negative(NegativeCache negative) {
        parts.negative = negative;
        return this;
    }

    /** The rules that keep accesses away. */
    public TieredCacheBuilder bypass(BypassPolicy bypass) {
        parts.bypass = bypass;
        return this;
    }

    /** How long values stay fresh. */
    public TieredCacheBuilder ttl(TtlPolicy ttl) {
        parts.ttl = ttl;
        return this;
    }

    /** The recorder of accesses. */
    public TieredCacheBuilder recorder(AccessRecorder recorder) {
        parts.recorder = recorder;
        return this;
    }

    /** Where the exact figures are kept, which ports of the same cache may share. */
    public TieredCacheBuilder counters(CacheCounters counters) {
        parts.counters = counters;
        return this;
    }

    /** How long entries are of use past their time-to-live, and from when on they are refreshed. */
    public TieredCacheBuilder staleness(Staleness staleness) {
        parts.staleness = staleness;
        return this;
    }

    /** How long a reader waits for the refresh of an expired entry before it is served that, in nanoseconds. */
    public TieredCacheBuilder staleWaitNanos(long staleWaitNanos) {
        parts.staleWaitNanos = staleWaitNanos;
        return this;
    }

    /** Where background loads run. */
    public TieredCacheBuilder background(Background background) {
        parts.background = background;
        return this;
    }

    /** The gate that every load goes through. */
    public TieredCacheBuilder gate(LoadGate gate) {
        parts.gate = gate;
        return this;
    }

    /** Hears of every caller that leads a load, on its thread; short, and never throws. */
    public TieredCacheBuilder onLead(BiConsumer<Object, Leader> onLead) {
        parts.onLead = onLead;
        return this;
    }

    /** Sets whether callers wait for each other's loads of a key. */
    public TieredCacheBuilder singleFlight(boolean singleFlight) {
        parts.singleFlight = singleFlight;
        return this;
    }

    /** How long a caller waits for another's load, in nanoseconds. */
    public TieredCacheBuilder loadTimeoutNanos(long loadTimeoutNanos) {
        parts.loadTimeoutNanos = loadTimeoutNanos;
        return this;
    }

    /** Builds the cache. */
    public TieredCache build() {
        return new TieredCache(parts);
    }
}
