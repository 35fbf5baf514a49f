package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.core.Restoration;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import io.tinyllm.cache.snapshot.figures.SnapshotInfo;
import io.tinyllm.cache.snapshot.figures.SnapshotResult;
import io.tinyllm.cache.snapshot.figures.SnapshotStatistics;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Saves the local tiers of caches and brings them back. Thread-safe; one save or restore of a cache at a time, while
 * readers and writers of the cache go on.
 *
 * <p>Deadlines are kept in wall-clock time, since a monotonic one means nothing to the next process, and never grow
 * beyond the cache's time-to-live, whatever the clock did.
 */
public final class Snapshots implements AutoCloseable {

    private static final Log log = LogFactory.getLog(Snapshots.class);

    private final SnapshotStore store;
    private final KeyCodec keys;
    private final ValueCodec values;
    private final NotShared notShared;
    private final LongSupplier ticker;
    private final Clock clock;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final LongAdder saves = new LongAdder();
    private final LongAdder saveFailures = new LongAdder();
    private final LongAdder restoredEntries = new LongAdder();
    private final LongAdder corruptFiles = new LongAdder();
    private volatile @Nullable ScheduledFuture<?> schedule;
    private volatile boolean closed;
    private final AtomicBoolean toldOfVersion = new AtomicBoolean();

    /** How many losses of the directory have been told of for an interval. */
    private volatile long lossesTold;

    /** Whether saves take no rests. */
    private volatile boolean hurried;

    /**
     * Creates snapshots of no cache yet.
     * @param store where they are kept; closed with this
     * @param keys writes and reads keys
     * @param values writes and reads values
     * @param notShared takes note of what has no stored form
     * @param ticker the monotonic time in nanoseconds, the one that the caches go by
     * @param clock the wall clock
     */
    public Snapshots(
            SnapshotStore store,
            KeyCodec keys,
            ValueCodec values,
            NotShared notShared,
            LongSupplier ticker,
            Clock clock) {
        this.notShared = notShared;
        this.store = store;
        this.keys = keys;
        this.values = values;
        this.ticker = ticker;
        this.clock = clock;
    }

    /** A cache that is saved. */
    private final class Member {

        private final TieredCache cache;
        private final Predicate<Object> leftOut;
        private final EntryFormat format;

        /** The cache's count of changes as of the latest save. Guarded by this. */
        private long saved;

        /** The losses of the directory as of the latest save. Guarded by this. */
        private long losses;

        /**
         * Whether the start of the application has brought back what there was: from then on the cache itself knows
         * better, also after a stop and another start. Guarded by this.
         */
        private boolean begun;

        /** Why the latest save failed, null if it did not. */
        private volatile @Nullable String problem;

        Member(TieredCache cache, Predicate<Object> leftOut) {
            this.cache = cache;
            this.leftOut = leftOut;
            this.format = new EntryFormat(cache.name(), keys, values);
            this.saved = cache.changes();
            this.losses = store.losses();
        }
    }

    /**
     * Adds a cache. A cache of the same name is replaced.
     * @param cache the cache
     * @param leftOut keys to leave out when saving and restoring, such as those of writes that are not flushed yet
     */
    public void register(TieredCache cache, Predicate<Object> leftOut) {
        members.put(cache.name(), new Member(cache, leftOut));
    }

    /** Returns whether a cache of this name is saved. */
    public boolean contains(String cache) {
        return members.containsKey(cache);
    }

    /** The names in the directory, of caches that are registered and of others; empty if it cannot be read. */
    public Set<String> savedCaches() {
        try {
            return store.caches();
        } catch (IOException e) {
            log.warn("Cannot list the snapshots in " + store.directory() + ": " + reason(e));
            return Set.of();
        }
    }

    /**
     * Goes on after {@link #close}; does nothing before.
     * @throws SnapshotException if the directory cannot be used any more, or another process uses it
     */
    public void reopen() {
        store.reopen();
        hurried = false;
        closed = false;
    }

    /**
     * Saves every changed cache from time to time.
     * @param executor runs the saves
     * @param interval from the end of one to the beginning of the next
     */
    public void start(ScheduledExecutorService executor, Duration interval) {
        schedule = executor.scheduleWithFixedDelay(
                this::saveChanged, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Saves as {@link #saveChanged} does, and as fast as it can from now on: nobody uses the caches any more. */
    public void saveAtShutdown() {
        hurried = true;
        saveChanged();
    }

    /**
     * Saves each cache that changed since its latest save, or whose snapshots went with the directory. Never throws: a
     * failure is counted and logged.
     */
    public void saveChanged() {
        // What was found at the last time has been told for an interval; what was found since then, until now.
        if (closed) {
            return;
        }
        lossesTold = store.losses();
        boolean gone = false;
        try {
            store.lookForLosses();
        } catch (IOException e) {
            // Every cache is tried, so that health tells why none is saved.
            gone = true;
            log.debug("There is no directory for snapshots", e);
        }
        for (Member member : members.values()) {
            try {
                boolean changed;
                synchronized (member) {
                    changed = gone
                            || member.problem != null
                            || member.cache.changes() != member.saved
                            || store.losses() != member.losses;
                }
                if (changed) {
                    save(member);
                }
            } catch (RuntimeException e) {
                log.debug("Save failed", e);
            }
        }
    }

    /**
     * Saves a cache.
     * @param cache its name
     * @throws IllegalArgumentException if there is no such cache
     * @throws SnapshotException if it failed; the earlier snapshots are unharmed
     */
    public SnapshotResult save(String cache) {
        return save(member(cache));
    }

    /**
     * Brings back the latest good snapshot of a cache. Never replaces a live entry; a bad file is set aside.
     * @param cache its name
     * @throws IllegalArgumentException if there is no such cache
     */
    public SnapshotResult restore(String cache) {
        return restore(member(cache), () -> false);
    }

    /**
     * Brings back the latest good snapshot of a cache that has not had its turn at a start.
     * @param cache its name
     * @throws IllegalArgumentException if there is no such cache
     */
    public void restoreAtStart(String cache) {
        restoreAtStart(member(cache), () -> false);
    }

    private void restoreAtStart(Member member, BooleanSupplier late) {
        synchronized (member) {
            if (!member.begun) {
                member.begun = true;
                restore(member, late);
            }
        }
    }

    /**
     * Brings back the latest good snapshot of every cache that has not had its turn at an earlier start. What takes
     * longer than the timeout is left.
     * @param timeout the most that the caller waits
     * @param executor does the work
     * @return whether it was done in time
     */
    public boolean restoreAll(Duration timeout, Executor executor) {
        long deadline = ticker.getAsLong() + timeout.toNanos();
        BooleanSupplier late = () -> ticker.getAsLong() - deadline >= 0;
        CompletableFuture<Void> work = CompletableFuture.runAsync(
                () -> members.values().forEach(each -> restoreAtStart(each, late)), executor);
        try {
            work.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return ticker.getAsLong() - deadline < 0;
        } catch (TimeoutException e) {
            log.warn("The restore of snapshots was not done within " + timeout
                    + "; the rest is left (tinyllm.cache.snapshots.startup-timeout)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            log.warn("The restore of snapshots failed: " + reason(Failures.unwrap(e)));
        }
        return false;
    }

    /** The snapshots of each cache that is saved, newest first. */
    public List<SnapshotInfo> list() {
        List<SnapshotInfo> infos = new ArrayList<>();
        for (String cache : new TreeMap<>(members).keySet()) {
            try {
                for (SnapshotStore.Stored stored : store.generations(cache)) {
                    infos.add(store.describe(cache, stored));
                }
            } catch (IOException e) {
                log.debug("Cannot describe the snapshots of cache '" + cache + "'", e);
            }
        }
        return infos;
    }

    /**
     * Deletes every file of a cache.
     * @param cache its name
     * @return whether there was one
     * @throws IllegalArgumentException if there is no such cache
     * @throws SnapshotException if it failed
     */
    public boolean delete(String cache) {
        Member member = member(cache);
        synchronized (member) {
            try {
                requireOpen();
                return store.delete(cache);
            } catch (IOException e) {
                throw new SnapshotException(
                        "The snapshots of cache '" + cache + "' could not be deleted: " + reason(e), e);
            }
        }
    }

    /**
     * Why the latest save of a cache failed, by cache; caches that are well are absent. That the directory had gone,
     * and earlier snapshots with it, is told until a save that comes an interval later.
     */
    public Map<String, String> problems() {
        Map<String, String> problems = new TreeMap<>();
        String lost = store.losses() == lossesTold
                ? null
                : "The snapshot directory " + store.directory()
                        + " had been removed or renamed, and is made anew; earlier snapshots may be gone";
        members.forEach((name, member) -> {
            String failure = member.problem;
            String problem = failure == null ? lost : failure;
            if (problem != null) {
                problems.put(name, problem);
            }
        });
        return problems;
    }

    /** The figures. */
    public SnapshotStatistics statistics() {
        return new SnapshotStatistics(saves.sum(), saveFailures.sum(), restoredEntries.sum(), corruptFiles.sum());
    }

    /**
     * Ends the schedule, waits for what is going on, and leaves the directory to others, until it is {@linkplain
     * #reopen taken again}. Saves nothing.
     */
    @Override
    public void close() {
        closed = true;
        ScheduledFuture<?> running = schedule;
        if (running != null) {
            running.cancel(false);
        }
        for (Member member : members.values()) {
            synchronized (member) {
                log.trace("Nothing goes on in cache '" + member.cache.name() + "'");
            }
        }
        store.close();
    }

    private Member member(String cache) {
        Member member = members.get(cache);
        if (member == null) {
            throw new IllegalArgumentException("No cache of this name is saved");
        }
        return member;
    }

    // ----------------------------------------------------------------------------------------------------------- save

    private SnapshotResult save(Member member) {
        TieredCache cache = member.cache;
        synchronized (member) {
            long started = ticker.getAsLong();
            // Before the visit: what changes while it goes on is saved next time.
            long changes = cache.changes();
            SavingWalk visit = new SavingWalk(
                    cache,
                    member.leftOut,
                    member.format,
                    new Pace(ticker, () -> hurried || closed),
                    started,
                    clock.millis());
            long losses;
            try {
                requireOpen();
                losses = store.lookForLosses();
                store.save(cache.name(), visit::write);
            } catch (IOException | RuntimeException e) {
                throw failed(member, e);
            }
            member.saved = changes;
            member.losses = losses;
            saves.increment();
            notShared.leftOut(cache.name(), visit.lacking());
            if (member.problem != null) {
                member.problem = null;
                log.info("The snapshot of cache '" + cache.name() + "' was saved again");
            }
            return new SnapshotResult(
                    cache.name(), visit.written(), visit.visited() - visit.written(), millisSince(started));
        }
    }

    private SnapshotException failed(Member member, Exception failure) {
        String message = "The snapshot of cache '" + member.cache.name() + "' could not be saved in "
                + store.directory() + ": " + reason(failure);
        saveFailures.increment();
        if (member.problem == null) {
            log.warn(message + "; earlier ones are kept");
        }
        member.problem = message;
        return new SnapshotException(message, failure);
    }

    // -------------------------------------------------------------------------------------------------------- restore

    private SnapshotResult restore(Member member, BooleanSupplier late) {
        TieredCache cache = member.cache;
        String name = cache.name();
        synchronized (member) {
            long started = ticker.getAsLong();
            Returned returned = new Returned();
            // Before anything is read: what changes from now on is newer.
            try (Restoration restoration = cache.beginRestoration()) {
                requireOpen();
                SnapshotReader reader = new SnapshotReader(name, member.format, late);
                for (SnapshotStore.Stored stored : store.generations(name)) {
                    if (restore(member, stored, reader, restoration, returned)) {
                        break;
                    }
                }
            } catch (TimeoutException e) {
                log.warn("The restore of cache '" + name + "' ran out of time after " + returned.entries + " entries");
            } catch (IOException e) {
                log.warn("The snapshots of cache '" + name + "' cannot be listed: " + reason(e));
            }
            restoredEntries.add(returned.entries);
            SnapshotResult result = new SnapshotResult(
                    name, returned.entries, Math.max(0, returned.held - returned.entries), millisSince(started));
            if (returned.held > 0) {
                log.info("Restored " + result.entries() + " of " + returned.held + " entries of cache '" + name
                        + "' in " + result.tookMillis() + " ms" + why(returned.unreadable));
            }
            return result;
        }
    }

    /** Returns whether a file was good. */
    private boolean restore(
            Member member,
            SnapshotStore.Stored stored,
            SnapshotReader reader,
            Restoration restoration,
            Returned returned)
            throws TimeoutException {
        String name = member.cache.name();
        boolean compressed = stored.name().compressed();
        try {
            Footer last = store.footer(stored);
            try (InputStream in = store.read(stored)) {
                if (!reader.verify(in, compressed).equals(last)) {
                    throw new BadSnapshotException("it goes on after its end");
                }
            }
            returned.held = last.entries();
            try (InputStream in = store.read(stored)) {
                reader.read(in, compressed, entry -> accept(member, entry, restoration, returned));
            }
            return true;
        } catch (OtherVersionException e) {
            tellOfVersion(name, stored, e);
        } catch (BadSnapshotException e) {
            corruptFiles.increment();
            log.warn("Snapshot " + stored.path() + " of cache '" + name + "' is not used and set aside as .corrupt: "
                    + e.getMessage());
            setAside(name, stored);
        } catch (IOException e) {
            log.warn("Snapshot " + stored.path() + " of cache '" + name + "' cannot be read: " + reason(e));
        }
        return false;
    }

    /** One line for all of them: after an upgrade every file is of the same version. */
    private void tellOfVersion(String cache, SnapshotStore.Stored stored, OtherVersionException version) {
        if (toldOfVersion.compareAndSet(false, true)) {
            log.info("Snapshot " + stored.path() + " of cache '" + cache + "' is not restored, and left as it is: "
                    + version.getMessage() + ". The caches begin empty; others of other versions are left as well.");
        }
    }

    private boolean accept(Member member, EntryFormat.Entry entry, Restoration restoration, Returned returned) {
        TieredCache cache = member.cache;
        MemoryTier memory = cache.memory();
        if (memory.size() >= memory.maximumSize() || memory.weight() >= memory.maximumWeight()) {
            return false;
        }
        Object key = entry.key();
        if (key == null) {
            returned.unreadable.merge(
                    entry.fault() == null ? "KEY" : entry.fault().name(), 1L, Long::sum);
        }
        if (key != null
                && !member.leftOut.test(key)
                && restoration.restore(key, entry.value(), remainingNanos(entry.expiresAt()), entry.tags())) {
            returned.entries++;
        }
        return true;
    }

    private long remainingNanos(long expiresAt) {
        if (expiresAt == EntryFormat.NEVER) {
            return CacheEntry.NEVER;
        }
        long now = clock.millis();
        return expiresAt <= now ? 0 : TimeUnit.MILLISECONDS.toNanos(expiresAt - now);
    }

    private void setAside(String cache, SnapshotStore.Stored stored) {
        try {
            store.setAside(cache, stored);
        } catch (IOException e) {
            log.debug("Cannot rename " + stored.path(), e);
        }
    }

    private static final class Returned {

        private final Map<String, Long> unreadable = new TreeMap<>();
        private long held;
        private long entries;
    }

    private static String why(Map<String, Long> unreadable) {
        return unreadable.isEmpty() ? "" : "; not readable here, by reason: " + unreadable;
    }

    private long millisSince(long started) {
        return TimeUnit.NANOSECONDS.toMillis(ticker.getAsLong() - started);
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("the snapshots are closed");
        }
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return failure.getClass().getSimpleName() + (message == null ? "" : " (" + message + ")");
    }
}
