package io.tinyllm.cache.write;

import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A journal as a sequence of segments, each written once and in order.
 *
 * <p><b>Groups.</b> Writers that come while a group is on its way to the operating system form the next group, which
 * one of them writes with a single call. Only one thread writes at a time; it is the one that has set {@code writing}.
 *
 * <p><b>Renewal.</b> A segment of which the disk has refused something is never touched again. A new one begins, into
 * which everything alive is copied from the older ones; when every copy was read back and compared, a record says
 * that the older segments are void, and they go; so too when most of a large journal is dead. What is refused even so
 * makes the journal unhealthy: {@link #append} refuses at once, and {@link #maintain} tries to renew once a second.
 *
 * <p><b>Ends.</b> That an operation has ended is recorded behind its record, or in a reserve that is on the disk
 * already where the disk takes nothing new. As long as the end of an operation is not recorded, {@link #canEnd} keeps
 * a later write of its key, which is not in the journal, from being acknowledged: the next start would write the
 * older over it.
 */
final class FileJournal implements Journal {

    private static final Log log = LogFactory.getLog(FileJournal.class);

    /** The size from which a journal is renewed when no more than a quarter of it is alive. */
    static final long WORTH_RENEWING = 16L << 20;

    private static final int MOST_UNRECORDED = 1000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final JournalFiles files;
    private final JournalCodec codec;
    private final Fsync fsync;
    private final LongSupplier nanoTime;
    private final long worthRenewing;
    private final UnreadableKeys unreadable;
    private final int damaged;
    private final List<Recovered> recovered = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final LiveRecords live;
    private final JournalSegments segments;
    private final UnrecordedEnds ends = new UnrecordedEnds();
    private Group group = new Group();
    private boolean writing;
    private long sequence;
    private long maintainedAt;
    private boolean closed;
    private volatile boolean healthy = true;

    /** For {@link JournalOpening}. */
    FileJournal(
            JournalFiles files,
            JournalReplay replay,
            JournalCodec codec,
            Fsync fsync,
            LongSupplier nanoTime,
            long worthRenewing)
            throws IOException {
        this.files = files;
        this.codec = codec;
        this.fsync = fsync;
        this.nanoTime = nanoTime;
        this.worthRenewing = worthRenewing;
        this.live = replay.live();
        this.damaged = replay.damaged();
        this.unreadable = new UnreadableKeys(codec, this::stored);
        this.sequence = replay.lastSequence();
        this.maintainedAt = nanoTime.getAsLong();
        this.segments = new JournalSegments(files, replay, codec, fsync);
    }

    /** Begins to write, with what the replay has found; before anybody else has the journal. */
    void begin() throws IOException {
        recovered.addAll(unreadable.recoverAll(live));
        try {
            renew();
        } catch (IOException e) {
            fail(e);
        }
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Recovered> recovered() {
        return List.copyOf(recovered);
    }

    @Override
    public Prepared prepare(Object key, @Nullable Object value) {
        return CarryOver.prepare(codec, key, value);
    }

    @Override
    public Operation append(Prepared prepared) throws IOException {
        lock.lock();
        try {
            if (!healthy || closed) {
                throw new IOException("The journal cannot be written");
            }
            Operation operation = new Operation(prepared.key(), prepared.value(), ++sequence, prepared.size());
            JournalRecord.number(prepared.record(), operation.sequence());
            commit(prepared.record(), operation, prepared.digest());
            if (ends.size() >= MOST_UNRECORDED) {
                recordEnds();
            }
            return operation;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nextSequence() {
        return locked(() -> ++sequence);
    }

    @Override
    public boolean release(List<Operation> operations) {
        return locked(() -> {
            for (Operation operation : operations) {
                LiveRecord ended = live.remove(operation.sequence());
                if (ended != null) {
                    ends.add(ended);
                }
            }
            return recordEnds();
        });
    }

    @Override
    public boolean canEnd(Object key) {
        KeyDigest digest = CarryOver.digest(codec, key);
        if (digest == null) {
            return true;
        }
        return locked(() -> {
            recordEnds();
            while (ends.areOnTheirWay(digest)) {
                written.awaitUninterruptibly();
            }
            boolean canBeRecorded = !closed && (healthy || segments.canRecordAnEnd());
            return !ends.holds(digest) && (!live.holds(digest) || canBeRecorded);
        });
    }

    @Override
    public void giveUp(Operation operation, DeadLetter letter) {
        lock.lock();
        try {
            LiveRecord record = live.get(operation.sequence());
            if (!closed && record != null) {
                record.givenUp = new JournalRecord.GivenUp(letter.attempts(), letter.error(), letter.reason());
                if (healthy) {
                    commit(JournalRecord.givenUp(record.sequence, record.givenUp), null, null);
                }
            }
        } catch (IOException notNeeded) {
            // the next start takes it for an operation that has not been tried
            log.debug("A dead letter of journal " + files + " could not be marked", notNeeded);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<DeadLetter> unreadable() {
        return locked(() -> unreadable.letters(live));
    }

    @Override
    public List<Recovered> retryUnreadable() {
        return locked(() -> closed ? List.of() : unreadable.retry(live));
    }

    private byte[] stored(LiveRecord record) {
        return locked(() -> CarryOver.readIntact(record));
    }

    /** Records that operations have ended; answers whether all of them are. Under the lock. */
    private boolean recordEnds() {
        if (ends.isEmpty()) {
            return true;
        }
        if (closed) {
            return false;
        }
        if (healthy) {
            Map<Long, KeyDigest> taken = ends.take();
            try {
                commit(JournalRecord.end(taken.keySet()), null, null);
                ends.recorded(taken);
                return true;
            } catch (IOException e) {
                ends.refused(taken);
            } finally {
                written.signalAll();
            }
        }
        return segments.recordInReserve(ends);
    }

    /** Puts a record into the group that is written next, and waits until it is. Under the lock. */
    private void commit(byte[] record, @Nullable Operation operation, @Nullable KeyDigest digest) throws IOException {
        Group mine = group;
        mine.add(record, operation, digest);
        while (!mine.done) {
            if (writing) {
                written.awaitUninterruptibly();
            } else {
                write(mine);
            }
        }
        if (mine.failure != null) {
            throw new IOException(mine.failure);
        }
    }

    private void write(Group mine) {
        group = new Group();
        writing = true;
        try {
            if (!healthy) {
                throw new IOException("The journal cannot be written");
            }
            if (!writeInto(target(), mine) && !writeInto(renew(), mine)) {
                throw new IOException("The disk has refused two segments");
            }
        } catch (IOException | RuntimeException | Error e) {
            mine.failure = e instanceof IOException refused ? refused : new IOException(e);
            fail(mine.failure);
        } finally {
            mine.done = true;
            writing = false;
            written.signalAll();
        }
    }

    /** The segment to be written; the next one where that is long enough. */
    private Segment target() throws IOException {
        Segment target = segments.current();
        if (target == null) {
            return renew();
        }
        if (target.end < worthRenewing / 4) {
            return target;
        }
        long length = segments.length();
        return length > worthRenewing && length > 4 * live.bytes() ? renew() : segments.next();
    }

    /**
     * What is written from now on is behind a record that says that everything older is void: no end need be
     * recorded.
     */
    private Segment renew() throws IOException {
        Segment next = segments.renew(live);
        ends.clear();
        return next;
    }

    /** Returns whether the group is in the segment, which has failed otherwise. The lock is free in the meantime. */
    private boolean writeInto(Segment target, Group mine) {
        long at = target.end;
        boolean sync = fsync == Fsync.ALWAYS && segments.isDirectoryChanged();
        byte[] bytes = mine.sealed(target.mark);
        boolean done = false;
        lock.unlock();
        try {
            target.file.write(at, bytes, 0, bytes.length);
            if (fsync == Fsync.ALWAYS) {
                target.file.force();
            }
            if (sync) {
                files.sync();
            }
            done = true;
        } catch (IOException e) {
            log.debug("Segment " + target.name + " of journal " + files + " has failed", e);
        } finally {
            lock.lock();
            if (!done) {
                target.failed = true;
            }
        }
        if (target.failed) {
            mine.suspect(target, at, ends);
            return false;
        }
        if (sync) {
            segments.directorySynced();
        }
        target.end = at + bytes.length;
        segments.written(target);
        mine.comeAlive(target, at, live, ends);
        return true;
    }

    /** Turns unhealthy. Under the lock. */
    private void fail(IOException cause) {
        segments.fail();
        if (healthy) {
            healthy = false;
            log.warn("Journal " + files + " cannot be written (" + cause.getMessage()
                    + "): writes go to the store at once until it can");
        }
    }

    @Override
    public int damaged() {
        return damaged;
    }

    @Override
    public boolean isHealthy() {
        return healthy;
    }

    @Override
    public void maintain() {
        BooleanSupplier intact;
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (closed || now - maintainedAt < SECOND) {
                return;
            }
            maintainedAt = now;
            intact = segments.intact();
        } finally {
            lock.unlock();
        }
        boolean suspicious = !intact.getAsBoolean();
        lock.lock();
        try {
            if (suspicious || !healthy) {
                awaitQuiet();
            }
            if (!closed && suspicious && !segments.intact().getAsBoolean()) {
                fail(new IOException("its directory or a file of it has been removed or renamed"));
            }
            if (!closed && !healthy) {
                recover();
            }
        } finally {
            lock.unlock();
        }
        if (fsync == Fsync.INTERVAL) {
            force();
        }
        dropDead();
    }

    private void awaitQuiet() {
        while (writing) {
            written.awaitUninterruptibly();
        }
    }

    /** Under the lock, while nobody writes. */
    private void recover() {
        writing = true;
        try {
            renew();
            healthy = true;
            log.info("Journal " + files + " can be written again");
        } catch (IOException | RuntimeException e) {
            log.debug("Journal " + files + " still cannot be written", e);
            if (live.isEmpty() && segments.dropAll()) {
                ends.clear();
            }
        } finally {
            writing = false;
            written.signalAll();
        }
    }

    /** Forces the disk while writers go on. */
    private void force() {
        JournalSegments.Unforced due = locked(segments::takeUnforced);
        boolean syncing = false;
        try {
            due.force();
            syncing = due.directory();
            if (syncing) {
                files.sync();
            }
        } catch (IOException e) {
            lock.lock();
            try {
                boolean ofConcern = segments.notForced(due) || syncing;
                awaitQuiet();
                if (!closed && ofConcern) {
                    fail(e);
                    recover();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Drops the oldest segments in which nothing is alive, once a record says that they are void. */
    private void dropDead() {
        lock.lock();
        try {
            List<Segment> dead = segments.dead();
            if (dead.isEmpty() || closed || !healthy) {
                return;
            }
            commit(JournalRecord.base(segments.after(dead)), null, null);
            segments.dropDead(dead);
        } catch (IOException e) {
            log.debug("Segments of journal " + files + " could not be dropped", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            recordEnds();
            while (writing || !group.isEmpty()) {
                written.awaitUninterruptibly();
            }
            closed = true;
            segments.forceAll();
        } catch (IOException e) {
            log.warn("Journal " + files + " could not be forced to the disk when it was closed", e);
        } finally {
            segments.close();
            files.close();
            lock.unlock();
        }
    }
}
