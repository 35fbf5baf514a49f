package io.tinyllm.cache.tags;

import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.Tagged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The barriers that there are, in the order in which this JVM came to know them, and the moment that is now. Reads take
 * no lock and allocate nothing; changes run under the lock of this. Thread-safe.
 *
 * <p>A barrier is in its table before the moment moves on: who begins at the new moment is behind the barrier, and who
 * began before finds it.
 */
final class Barriers {

    private final LongSupplier micros;
    private final Map<String, Barrier> everywhere = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Barrier>> byCache = new ConcurrentHashMap<>();

    /** All of them by their local numbers. Guarded by this. */
    private final TreeMap<Long, Barrier> order = new TreeMap<>();

    private volatile Moment now = Moment.FIRST;

    /** What bears any tag and is older counts as evicted: barriers of that time were dropped. */
    private volatile Moment horizon = Moment.FIRST;

    /**
     * Creates none.
     * @param micros about the microseconds since 1970; may be set back
     */
    Barriers(LongSupplier micros) {
        this.micros = micros;
    }

    Moment now() {
        return now;
    }

    // ---------------------------------------------------------------------------------------------------------- reads

    /** Returns the table of a cache, which stays the same. */
    Map<String, Barrier> of(String cache) {
        return byCache.computeIfAbsent(cache, name -> new ConcurrentHashMap<>());
    }

    /** Returns whether an entry of a cache was evicted. */
    boolean isEvicted(Tagged tags, Map<String, Barrier> ofCache) {
        long current = now.local();
        if (tags.checked() == current) {
            return false;
        }
        if (tags.moment().local() < horizon.local() || evictedBy(tags, ofCache) != null) {
            return true;
        }
        tags.checked(current);
        return false;
    }

    /** Returns the tag by which an entry was evicted, or null. */
    @Nullable
    String evictedBy(Tagged tags, Map<String, Barrier> ofCache) {
        long began = tags.moment().local();
        List<String> names = tags.names();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (isLater(everywhere.get(name), began) || isLater(ofCache.get(name), began)) {
                return name;
            }
        }
        return null;
    }

    private static boolean isLater(@Nullable Barrier barrier, long began) {
        return barrier != null && barrier.local() > began;
    }

    /** Returns whether an entry of the shared tier was evicted. */
    boolean isEvictedFromShared(Tagged tags, Map<String, Barrier> ofCache) {
        long began = tags.moment().shared();
        if (began < horizon.shared()) {
            return true;
        }
        List<String> names = tags.names();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (isLaterShared(everywhere.get(name), began) || isLaterShared(ofCache.get(name), began)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLaterShared(@Nullable Barrier barrier, long began) {
        return barrier != null && barrier.isLaterThanShared(began);
    }

    // -------------------------------------------------------------------------------------------------------- changes

    /** Raises a barrier now, which the shared tier is to be told of. */
    synchronized Barrier raise(Target target) {
        long local = tick();
        Barrier known = find(target);
        Barrier barrier = new Barrier(target, local, known == null ? 0 : known.shared(), local);
        set(barrier);
        now = new Moment(local, now.shared());
        return barrier;
    }

    /**
     * Raises a barrier that another JVM has told of, unless it is known.
     * @return whether it was not
     */
    synchronized boolean heard(Target target, long shared) {
        Barrier known = find(target);
        long latest = Math.max(now.shared(), shared);
        if (known != null && known.shared() >= shared) {
            now = new Moment(now.local(), latest);
            return false;
        }
        long local = tick();
        set(new Barrier(target, local, shared, known == null ? 0 : known.untold()));
        now = new Moment(local, latest);
        return true;
    }

    /**
     * Notes the shared number of an eviction.
     * @param target what was evicted
     * @param untold its local number
     * @param shared its shared number
     */
    synchronized void told(Target target, long untold, long shared) {
        Barrier known = find(target);
        if (known != null) {
            long stillUntold = known.untold() == untold ? 0 : known.untold();
            set(new Barrier(target, known.local(), Math.max(known.shared(), shared), stillUntold));
        }
        now = new Moment(now.local(), Math.max(now.shared(), shared));
    }

    /** Notes that the shared tier knows none of them any more. */
    synchronized void untellAll() {
        for (Barrier barrier : List.copyOf(order.values())) {
            set(new Barrier(barrier.target(), barrier.local(), barrier.shared(), barrier.local()));
        }
    }

    /** Takes over a barrier of an earlier process, and its order. */
    synchronized void restore(Barrier barrier) {
        Barrier known = table(barrier.target()).get(barrier.target().tag());
        // What was heard of it since the start is no newer where it has the same number: it has its old order then.
        if (known == null
                || known.local() < barrier.local()
                || known.untold() == 0 && known.shared() <= barrier.shared()) {
            set(barrier);
        }
        now = new Moment(Math.max(now.local(), barrier.local()), Math.max(now.shared(), barrier.shared()));
    }

    /** Goes on where an earlier process has left off. */
    synchronized void goOn(Moment lastNow, Moment lastHorizon) {
        now = new Moment(Math.max(now.local(), lastNow.local()), Math.max(now.shared(), lastNow.shared()));
        horizon = new Moment(
                Math.max(horizon.local(), lastHorizon.local()), Math.max(horizon.shared(), lastHorizon.shared()));
    }

    /** Returns a local number after every earlier one. */
    synchronized long tick() {
        return Math.max(now.local() + 1, micros.getAsLong());
    }

    /** Makes everything that bears a tag and is older than a moment count as evicted. */
    synchronized void forget(Moment before) {
        horizon = new Moment(Math.max(horizon.local(), before.local()), Math.max(horizon.shared(), before.shared()));
        // Tags that were looked at before are looked at again.
        now = new Moment(Math.max(now.local() + 1, horizon.local()), Math.max(now.shared(), horizon.shared()));
    }

    private void set(Barrier barrier) {
        Barrier before = table(barrier.target()).put(barrier.target().tag(), barrier);
        if (before != null) {
            order.remove(before.local());
        }
        order.put(barrier.local(), barrier);
    }

    /** Drops the oldest barrier where there are more than so many; returns it, or null. */
    synchronized @Nullable Barrier dropBeyond(int maximum) {
        if (order.size() <= maximum) {
            return null;
        }
        Barrier oldest = drop();
        forget(new Moment(oldest.local(), oldest.shared()));
        return oldest;
    }

    /** Drops barriers that nothing older than can be left of. */
    synchronized void dropOlderThan(long ageMicros) {
        while (!order.isEmpty()) {
            Barrier oldest = order.firstEntry().getValue();
            if (oldest.untold() != 0 || micros.getAsLong() - oldest.local() < ageMicros) {
                return;
            }
            Barrier gone = drop();
            // A cache that is made later may keep entries for longer than those that are known.
            forget(new Moment(gone.local(), gone.shared()));
        }
    }

    private Barrier drop() {
        Barrier oldest = order.pollFirstEntry().getValue();
        table(oldest.target()).remove(oldest.target().tag(), oldest);
        return oldest;
    }

    private Map<String, Barrier> table(Target target) {
        String cache = target.cache();
        return cache == null ? everywhere : of(cache);
    }

    synchronized List<Barrier> all() {
        return new ArrayList<>(order.values());
    }

    synchronized @Nullable Barrier find(Target target) {
        return table(target).get(target.tag());
    }

    Moment horizon() {
        return horizon;
    }
}
