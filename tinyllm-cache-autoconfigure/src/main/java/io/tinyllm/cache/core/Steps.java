package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.LoadGates;
import io.tinyllm.cache.core.port.RemoteTier;
import java.util.Objects;

/** The parts of one cache that its steps share, put together from what its builder was given. */
record Steps(
        Entries entries,
        Tiers tiers,
        SingleFlight flights,
        RemoteTier remote,
        Turns turns,
        LowerTiers lower,
        KeyLocks writeLocks,
        Requests requests,
        Landing landing,
        BackgroundLoads background,
        Changes changes,
        DirtyTags dirty) {

    /** How many times load-timeout a load goes on without a thread before it seems lost. */
    private static final int LOST = 10;

    private static long longest(long loadTimeoutNanos) {
        return loadTimeoutNanos > Long.MAX_VALUE / LOST ? Long.MAX_VALUE : LOST * loadTimeoutNanos;
    }

    static Steps of(CacheParts parts) {
        Changes changes = new Changes();
        RemoteTier remote = parts.remote;
        Entries entries = new Entries(
                parts.entries,
                parts.ttl,
                parts.staleness,
                parts.ticker,
                Objects.requireNonNullElse(parts.ahead, parts.ticker));
        Tiers tiers = new Tiers(
                parts.memory, parts.negative, remote, parts.bypass, entries, changes, parts.counters, parts.tags);
        SingleFlight flights = new SingleFlight(parts.singleFlight, longest(parts.loadTimeoutNanos));
        Turns turns = new Turns(
                LoadGates.inOrder(parts.gate, parts.loadObserver),
                parts.background,
                parts.name,
                parts.loadTimeoutNanos);
        DirtyTags dirty = new DirtyTags(parts.tags, parts.writes);
        LowerTiers lower = new LowerTiers(
                remote, parts.leases, parts.writes, turns, parts.background, parts.counters, parts.tags, dirty);
        KeyLocks writeLocks = lower.exist() ? new KeyLocks() : KeyLocks.UNUSED;
        Requests requests = new Requests(parts.counters, parts.recorder, parts.ticker);
        Landing landing = new Landing(
                flights,
                tiers,
                entries,
                parts.negative,
                remote,
                parts.writes,
                writeLocks,
                requests,
                parts.counters,
                dirty);
        BackgroundLoads background = new BackgroundLoads(
                parts.background,
                parts.memory,
                tiers,
                entries,
                flights,
                lower,
                landing,
                turns,
                parts.counters,
                parts.loadTimeoutNanos);
        return new Steps(
                entries,
                tiers,
                flights,
                remote,
                turns,
                lower,
                writeLocks,
                requests,
                landing,
                background,
                changes,
                dirty);
    }
}
