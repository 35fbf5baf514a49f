package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.Tracing;

import io.tinyllm.cache.core.port.WritePolicy;

import io.tinyllm.cache.core.port.TtlPolicy;

import io.tinyllm.cache.core.port.RemoteTier;

import io.tinyllm.cache.core.port.NegativeCache;

import io.tinyllm.cache.core.port.MemoryTier;

import io.tinyllm.cache.core.port.LoadLeases;

import io.tinyllm.cache.core.port.CacheEntry;

import io.tinyllm.cache.core.port.BypassPolicy;

import io.tinyllm.cache.core.port.AccessRecorder;

import io.tinyllm.cache.core.port.LoadGate;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Puts a {@link TieredCache} together; every port is {@code none()} until said otherwise. Not thread-safe. */
public final class TieredCacheBuilder {

    final String name;
    LongSupplier ticker = System::nanoTime;

    @Nullable
    LongSupplier ahead;

    CacheEntry.Factory entries = CacheEntry.Factory.PLAIN;
    MemoryTier memory = MemoryTier.none();
    RemoteTier remote = RemoteTier.none();
    LoadLeases leases = LoadLeases.none();
    WritePolicy writes = WritePolicy.none();
    NegativeCache negative = NegativeCache.none();
    BypassPolicy bypass = BypassPolicy.none();
    TtlPolicy ttl = (key, value) -> CacheEntry.NEVER;
    AccessRecorder recorder = AccessRecorder.none();
    CacheCounters counters = new CacheCounters();
    Staleness staleness = Staleness.NONE;
    Background background = Background.NONE;
    Tracing tracing = Tracing.none();
    LoadGate gate = LoadGate.none();
    BiConsumer<Object, Leader> onLead = (key, leader) -> {};
    boolean singleFlight = true;
    long loadTimeoutNanos = 30_000_000_000L;

    TieredCacheBuilder(String name) {
        this.name = name;
    }

    /** The monotonic time, in nanoseconds; the same that the tiers go by. */
    public TieredCacheBuilder ticker(LongSupplier ticker) {
        this.ticker = ticker;
        return this;
    }

    /** A time that is cheap to read and not behind the ticker; the ticker itself where there is none. */
    public TieredCacheBuilder ahead(LongSupplier ahead) {
        this.ahead = ahead;
        return this;
    }

    /** Makes the entries. */
    public TieredCacheBuilder entries(CacheEntry.Factory entries) {
        this.entries = entries;
        return this;
    }

    /** The local tier. */
    public TieredCacheBuilder memory(MemoryTier memory) {
        this.memory = memory;
        return this;
    }

    /** The shared tier. */
    public TieredCacheBuilder remote(RemoteTier remote) {
        this.remote = remote;
        return this;
    }

    /** What traces loads and operations of the shared tier. */
    public TieredCacheBuilder tracing(Tracing tracing) {
        this.tracing = tracing;
        return this;
    }

    /** Whose turn it is to load, among the JVMs that share the remote tier. */
    public TieredCacheBuilder leases(LoadLeases leases) {
        this.leases = leases;
        return this;
    }

    /** What happens between the cache and a store under it. */
    public TieredCacheBuilder writes(WritePolicy writes) {
        this.writes = writes;
        return this;
    }

    /** What remembers absent and failing keys. */
    public TieredCacheBuilder negative(NegativeCache negative) {
        this.negative = negative;
        return this;
    }

    /** What keeps accesses away. */
    public TieredCacheBuilder bypass(BypassPolicy bypass) {
        this.bypass = bypass;
        return this;
    }

    /** How long values stay fresh. */
    public TieredCacheBuilder ttl(TtlPolicy ttl) {
        this.ttl = ttl;
        return this;
    }

    /** What watches. */
    public TieredCacheBuilder recorder(AccessRecorder recorder) {
        this.recorder = recorder;
        return this;
    }

    /** Where the exact figures are kept, which ports of the same cache may share. */
    public TieredCacheBuilder counters(CacheCounters counters) {
        this.counters = counters;
        return this;
    }

    /** How long entries are of use past their time-to-live, and from when on they are refreshed. */
    public TieredCacheBuilder staleness(Staleness staleness) {
        this.staleness = staleness;
        return this;
    }

    /** Where background loads run. */
    public TieredCacheBuilder background(Background background) {
        this.background = background;
        return this;
    }

    /** What every load goes through. */
    public TieredCacheBuilder gate(LoadGate gate) {
        this.gate = gate;
        return this;
    }

    /** Hears of every caller that leads a load, on its thread; short, and never throws. */
    public TieredCacheBuilder onLead(BiConsumer<Object, Leader> onLead) {
        this.onLead = onLead;
        return this;
    }

    /** Whether callers wait for each other's loads of a key. */
    public TieredCacheBuilder singleFlight(boolean singleFlight) {
        this.singleFlight = singleFlight;
        return this;
    }

    /** How long a caller waits for another's load, in nanoseconds. */
    public TieredCacheBuilder loadTimeoutNanos(long loadTimeoutNanos) {
        this.loadTimeoutNanos = loadTimeoutNanos;
        return this;
    }

    /** Builds the cache. */
    public TieredCache build() {
        return new TieredCache(this);
    }
}
