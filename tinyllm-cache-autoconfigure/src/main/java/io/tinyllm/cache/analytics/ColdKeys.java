package io.tinyllm.cache.analytics;

import io.tinyllm.cache.analytics.figures.ColdKey;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/**
 * The entries of a local tier that have been idle the longest, by the time of their last use that entries carry. Found
 * by a look at all of them, which takes no lock of the tier and runs on the thread of who asks; asked often, it spends
 * at most a hundredth of the time on looking. Thread-safe.
 */
final class ColdKeys {

    /** An entry that nobody has asked for in so long is cold. */
    static final long IDLE_NANOS = LatencyWindow.SLICES * LatencyWindow.SLICE_NANOS;

    private static final int REST = 100;

    private final MemoryTier memory;
    private final LongSupplier ticker;
    private final int keys;
    private List<Idle> idlest = List.of();
    private double share;
    private long lookedAt;
    private long lookTook = -1;

    ColdKeys(MemoryTier memory, LongSupplier ticker, int keys) {
        this.memory = memory;
        this.ticker = ticker;
        this.keys = keys;
    }

    /** The coldest keys, coldest first. */
    synchronized List<ColdKey> coldest() {
        look();
        long now = ticker.getAsLong();
        List<ColdKey> cold = new ArrayList<>(keys);
        for (Idle idle : idlest) {
            CacheEntry entry = memory.peek(idle.key());
            if (entry != null) {
                cold.add(new ColdKey(idle.key(), Math.max(0, now - lastUse(entry))));
            }
        }
        cold.sort(Comparator.comparingLong(ColdKey::idleNanos).reversed());
        return List.copyOf(cold);
    }

    /** The share of the entries that nobody has asked for in five minutes. */
    synchronized double share() {
        look();
        return share;
    }

    private void look() {
        long started = ticker.getAsLong();
        if (lookTook >= 0 && started - lookedAt < REST * lookTook) {
            return;
        }
        Scan scan = new Scan(started);
        memory.scan(scan::visit);
        idlest = List.copyOf(scan.idlest);
        share = scan.entries == 0 ? 0 : (double) scan.cold / scan.entries;
        lookedAt = ticker.getAsLong();
        lookTook = lookedAt - started;
    }

    private long lastUse(CacheEntry entry) {
        return Math.max(entry.createdNanos(), entry.usedNanos());
    }

    private record Idle(Object key, long lastUse) {}

    /** One look at all entries. */
    private final class Scan {

        private final long now;
        private final PriorityQueue<Idle> idlest =
                new PriorityQueue<>(Comparator.comparingLong(Idle::lastUse).reversed());
        private long entries;
        private long cold;

        Scan(long now) {
            this.now = now;
        }

        void visit(Object key, CacheEntry entry) {
            long lastUse = lastUse(entry);
            entries++;
            if (now - lastUse > IDLE_NANOS) {
                cold++;
            }
            if (idlest.size() < keys) {
                idlest.add(new Idle(key, lastUse));
                return;
            }
            Idle latest = idlest.peek();
            if (latest != null && lastUse < latest.lastUse()) {
                idlest.poll();
                idlest.add(new Idle(key, lastUse));
            }
        }
    }
}
