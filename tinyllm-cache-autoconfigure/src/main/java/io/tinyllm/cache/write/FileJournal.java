package io.tinyllm.cache.write;

import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A journal in one file, which only grows at its end: appended with group commit, emptied when nothing is live, rewritten
 * when little of it is.
 *
 * <p>Writers that come while a group is on its way to the operating system form the next group, which one of them writes
 * with a single call. When a write fails, the file is cut back to its last whole record, and the journal is unhealthy:
 * {@link #append} refuses at once, {@link #release} goes on in the space of the reserve, and {@link #maintain} tries once a
 * second to write a new file.
 */
final class FileJournal implements Journal {

    private static final Log log = LogFactory.getLog(FileJournal.class);

    /** The size from which a journal is rewritten when no more than a quarter of it is live. */
    static final long WORTH_REWRITING = 16L << 20;

    private static final int RESERVE = 1 << 16;
    private static final int WORTH_EMPTYING = 1 << 16;
    private static final int MOST_UNRECORDED = 1000;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final JournalCodec codec;
    private final Fsync fsync;
    private final LongSupplier nanoTime;
    private final JournalFile.Opener opener;
    private final JournalDirectory directory;
    private final List<Recovered> recovered = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    private final Map<Long, Location> live = new LinkedHashMap<>();
    private final Map<Long, byte[]> givenUp = new HashMap<>();
    private final Map<ByteBuffer, Long> unreadable = new HashMap<>();
    private List<Long> unrecorded = new ArrayList<>();
    private Group group = new Group();
    private boolean writing;
    private @Nullable JournalFile file;
    private long number;
    private long end;
    private long liveBytes;
    private final long worthRewriting;
    private long rewriteAbove;
    private long sequence;
    private long maintainedAt;
    private boolean unforced;
    private boolean closed;
    private volatile boolean healthy = true;

    private record Location(long offset, int length) {}

    /** Records that reach the operating system together. */
    private static final class Group {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Map<Long, Location> operations = new LinkedHashMap<>();
        private boolean done;
        private @Nullable IOException failure = new IOException("Not written");
    }

    private FileJournal(
            JournalDirectory directory,
            JournalCodec codec,
            Fsync fsync,
            LongSupplier nanoTime,
            JournalFile.Opener opener,
            long worthRewriting) {
        this.directory = directory;
        this.codec = codec;
        this.fsync = fsync;
        this.nanoTime = nanoTime;
        this.opener = opener;
        this.worthRewriting = worthRewriting;
        this.rewriteAbove = worthRewriting;
        this.maintainedAt = nanoTime.getAsLong();
    }

    /**
     * Opens the journal of a directory, and makes it when there is none.
     *
     * @param worthRewriting the bytes from which it is rewritten when no more than a quarter of it is live
     * @throws JournalException if the directory cannot be used, is in use, or what it holds cannot be read
     */
    static FileJournal open(
            Path path,
            JournalCodec codec,
            Fsync fsync,
            LongSupplier nanoTime,
            JournalFile.Opener opener,
            long worthRewriting) {
        JournalDirectory directory = JournalDirectory.open(path);
        FileJournal journal = new FileJournal(directory, codec, fsync, nanoTime, opener, worthRewriting);
        try {
            journal.replay();
        } catch (IOException e) {
            directory.close();
            throw new JournalException("The journal in " + path.toAbsolutePath() + " cannot be read: " + e, e);
        }
        return journal;
    }

    private void replay() throws IOException {
        number = directory.current();
        if (number != 0) {
            JournalReplay replay = JournalReplay.of(directory.file(number));
            sequence = replay.lastSequence();
            replay.live()
                    .forEach(found -> recover(found, replay.givenUp(found.body().sequence())));
            file = opener.open(directory.file(number));
            long torn = file.size() - replay.end();
            end = replay.end();
            if (torn > 0) {
                file.truncate(end);
            }
            if (torn > 0 || replay.damaged() > 0 || !unreadable.isEmpty()) {
                log.warn("Journal " + directory + ": " + torn + " bytes of an unfinished write dropped, "
                        + replay.damaged() + " damaged records skipped, " + unreadable.size()
                        + " operations kept that cannot be decoded");
            }
        }
        try {
            reserve();
            if (end < JournalReplay.MAGIC.length) {
                rewrite();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    private void recover(JournalReplay.Live found, byte @Nullable [] givenUpRecord) {
        JournalRecords.Body body = found.body();
        live.put(body.sequence(), new Location(found.offset(), found.length()));
        liveBytes += found.length();
        int attempts = 0;
        String error = "";
        if (givenUpRecord != null) {
            givenUp.put(body.sequence(), givenUpRecord);
            JournalRecords.Body reason = JournalRecords.Body.of(ByteBuffer.wrap(givenUpRecord));
            attempts = reason.attempts();
            error = reason.error();
        }
        try {
            byte[] value = body.value();
            Object key = codec.decodeKey(body.key());
            Operation operation = new Operation(key, value == null ? null : codec.decodeValue(value), body.sequence());
            recovered.add(new Recovered(operation, attempts, error));
        } catch (RuntimeException kept) {
            log.debug("An operation in journal " + directory + " cannot be decoded", kept);
            unreadable.put(found.key(), body.sequence());
        }
    }

    @Override
    public List<Recovered> recovered() {
        return List.copyOf(recovered);
    }

    @Override
    public Operation append(Object key, @Nullable Object value) throws IOException {
        byte[] keyBytes = codec.encodeKey(key);
        byte[] valueBytes = value == null ? null : codec.encodeValue(value);
        lock.lock();
        try {
            if (!healthy || closed) {
                throw new IOException("The journal cannot be written");
            }
            long mine = ++sequence;
            commit(mine, JournalRecords.operation(mine, keyBytes, valueBytes));
            if (!unreadable.isEmpty()) {
                Long former = unreadable.remove(ByteBuffer.wrap(keyBytes));
                if (former != null) {
                    end(former);
                }
            }
            return new Operation(key, value, mine);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long nextSequence() {
        lock.lock();
        try {
            return ++sequence;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void supersede(Operation operation) {
        lock.lock();
        try {
            end(operation.sequence());
            if (unrecorded.size() >= MOST_UNRECORDED) {
                recordEnds();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void release(List<Operation> operations) {
        lock.lock();
        try {
            operations.forEach(operation -> end(operation.sequence()));
            recordEnds();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void giveUp(Operation operation, int attempts, String error) {
        lock.lock();
        try {
            if (!closed && live.containsKey(operation.sequence())) {
                byte[] record = JournalRecords.givenUp(operation.sequence(), attempts, error);
                givenUp.put(operation.sequence(), record);
                commit(0, record);
            }
        } catch (IOException notNeeded) {
            // the next start takes it for an operation that has not been tried
            log.debug("A dead letter of journal " + directory + " could not be marked", notNeeded);
        } finally {
            lock.unlock();
        }
    }

    private void end(long ended) {
        Location location = live.remove(ended);
        if (location != null) {
            liveBytes -= location.length();
            givenUp.remove(ended);
            unrecorded.add(ended);
        }
    }

    private void recordEnds() {
        if (closed || unrecorded.isEmpty()) {
            return;
        }
        List<Long> ended = unrecorded;
        unrecorded = new ArrayList<>();
        try {
            if (end > WORTH_EMPTYING && live.isEmpty() && !writing) {
                empty();
            } else {
                commit(0, JournalRecords.released(ended));
                rewriteIfWorthwhile();
            }
        } catch (IOException e) {
            unrecorded.addAll(ended);
            fail(e);
        }
    }

    private void empty() throws IOException {
        current().truncate(JournalReplay.MAGIC.length);
        end = JournalReplay.MAGIC.length;
        unforced = true;
    }

    /** Puts a record into the group that is written next, and waits until it is. Under the lock. */
    private void commit(long operation, byte[] record) throws IOException {
        Group mine = group;
        if (operation != 0) {
            mine.operations.put(operation, new Location(mine.bytes.size(), record.length));
        }
        mine.bytes.write(record, 0, record.length);
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

    private void write(Group next) {
        group = new Group();
        writing = true;
        byte[] bytes = next.bytes.toByteArray();
        try {
            JournalFile target = current();
            lock.unlock();
            try {
                target.append(bytes, bytes.length);
                if (fsync == Fsync.ALWAYS) {
                    target.force();
                }
            } finally {
                lock.lock();
            }
            next.operations.forEach((operation, in) -> {
                live.put(operation, new Location(end + in.offset(), in.length()));
                liveBytes += in.length();
            });
            end += bytes.length;
            unforced = true;
            next.failure = null;
        } catch (IOException e) {
            next.failure = e;
            fail(e);
        } finally {
            next.done = true;
            writing = false;
            written.signalAll();
        }
    }

    private JournalFile current() throws IOException {
        if (file == null) {
            throw new IOException("There is no journal file");
        }
        return file;
    }

    /** Turns unhealthy, and leaves the file without half a record. Under the lock. */
    private void fail(IOException cause) {
        if (healthy) {
            healthy = false;
            directory.remove(directory.reserve());
            log.warn("Journal " + directory + " cannot be written (" + cause.getMessage()
                    + "): writes go to the store at once until it can");
        }
        try {
            if (file != null) {
                file.truncate(end);
            }
        } catch (IOException e) {
            // never append behind half a record
            closeFile();
        }
    }

    private void closeFile() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException harmless) {
            log.debug("Journal " + directory + " could not be closed", harmless);
        }
        file = null;
    }

    private void rewriteIfWorthwhile() {
        if (healthy && end > rewriteAbove && end > 4 * liveBytes && !writing) {
            try {
                rewrite();
                rewriteAbove = worthRewriting;
            } catch (IOException e) {
                log.debug("Journal " + directory + " could not be rewritten", e);
                rewriteAbove = 2 * end;
            }
        }
    }

    /** Writes what is live into a new file, which then takes the place of the present one. Under the lock, while no group is on its way. */
    private void rewrite() throws IOException {
        long next = number + 1;
        Map<Long, Location> moved = new LinkedHashMap<>();
        long size = JournalReplay.MAGIC.length;
        try (JournalFile target = opener.open(directory.unfinished(next))) {
            target.truncate(0);
            target.append(JournalReplay.MAGIC, JournalReplay.MAGIC.length);
            JournalFile source = live.isEmpty() ? null : source();
            for (Map.Entry<Long, Location> operation : live.entrySet()) {
                Location from = operation.getValue();
                if (source != null) {
                    target.append(source.read(from.offset(), from.length()), from.length());
                }
                moved.put(operation.getKey(), new Location(size, from.length()));
                size += from.length();
            }
            for (byte[] record : givenUp.values()) {
                target.append(record, record.length);
                size += record.length;
            }
            if (fsync != Fsync.NEVER) {
                target.force();
            }
        } catch (IOException e) {
            directory.remove(directory.unfinished(next));
            throw e;
        }
        directory.finish(next);
        closeFile();
        directory.remove(directory.file(number));
        number = next;
        end = size;
        live.putAll(moved);
        unrecorded.clear();
        file = opener.open(directory.file(next));
    }

    private JournalFile source() throws IOException {
        if (file == null) {
            JournalFile reopened = opener.open(directory.file(number));
            // half a record may still be at its end
            reopened.truncate(end);
            file = reopened;
        }
        return file;
    }

    private void reserve() throws IOException {
        try (JournalFile reserve = opener.open(directory.reserve())) {
            reserve.truncate(0);
            reserve.append(new byte[RESERVE], RESERVE);
        } catch (IOException e) {
            directory.remove(directory.reserve());
            throw e;
        }
    }

    @Override
    public boolean isHealthy() {
        return healthy;
    }

    @Override
    public void maintain() {
        JournalFile target = null;
        lock.lock();
        try {
            long now = nanoTime.getAsLong();
            if (closed || now - maintainedAt < SECOND) {
                return;
            }
            maintainedAt = now;
            if (!healthy && !writing) {
                recover();
            }
            if (unforced && fsync == Fsync.INTERVAL) {
                unforced = false;
                target = file;
            }
        } finally {
            lock.unlock();
        }
        if (target != null) {
            force(target);
        }
    }

    private void recover() {
        try {
            rewrite();
            reserve();
            healthy = true;
            log.info("Journal " + directory + " can be written again");
        } catch (IOException e) {
            log.debug("Journal " + directory + " still cannot be written", e);
        }
    }

    /** Forces the disk while writers go on. */
    private void force(JournalFile target) {
        try {
            target.force();
        } catch (IOException e) {
            lock.lock();
            try {
                if (target == file) {
                    fail(e);
                }
            } finally {
                lock.unlock();
            }
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
            while (writing || group.bytes.size() > 0) {
                written.awaitUninterruptibly();
            }
            closed = true;
            if (file != null && fsync != Fsync.NEVER) {
                file.force();
            }
        } catch (IOException e) {
            log.warn("Journal " + directory + " could not be forced to the disk when it was closed", e);
        } finally {
            closeFile();
            directory.close();
            lock.unlock();
        }
    }
}
