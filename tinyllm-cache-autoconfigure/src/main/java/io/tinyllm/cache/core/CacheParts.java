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
import org.jspecify.annotations.Nullable;

/** The parts of a cache. Not thread-safe; not changed once the cache is made. */
final class CacheParts {

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
    long staleWaitNanos;
    Background background = Background.NONE;
    TagPolicy tags = TagPolicy.none();
    LoadGate loadObserver = LoadGate.none();
    LoadGate gate = LoadGate.none();
    BiConsumer<Object, Leader> onLead = (key, leader) -> {};
    boolean singleFlight = true;
    long loadTimeoutNanos = 30_000_000_000L;

    CacheParts(String name) {
        this.name = name;
    }
}
