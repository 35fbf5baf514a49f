package io.tinyllm.cache.write;

import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a journal, oldest first, of which the last is written, and its reserve. Guarded by the lock of the
 * journal; what changes the list is done by the thread that writes, or while none does.
 */
final class JournalSegments {

    private static final Log log = LogFactory.getLog(JournalSegments.class);

    private static final int AN_END = 64;

    private final JournalFiles files;
    private final JournalCodec codec;
    private final Fsync fsync;
    private final List<Segment> segments;
    private final List<Segment> leftovers;
    private final Set<Segment> unforced = new LinkedHashSet<>();
    private @Nullable Segment current;
    private @Nullable Reserve reserve;
    private boolean directoryChanged;
    private long number;

    JournalSegments(JournalFiles files, JournalReplay replay, JournalCodec codec, Fsync fsync) throws IOException {
        this.files = files;
        this.codec = codec;
        this.fsync = fsync;
        this.segments = new ArrayList<>(replay.valid());
        this.leftovers = new ArrayList<>(replay.leftovers());
        this.number = Math.max(files.highest(), replay.base());
    }

    /** The segment that is written; null if there is none, or the disk has refused something of it. */
    @Nullable
    Segment current() {
        return current == null || current.failed ? null : current;
    }

    /** Returns whether there is a reserve with room for one end more. */
    boolean canRecordAnEnd() {
        return reserve != null && reserve.hasRoom(AN_END);
    }

    /** Records ends in the reserve; answers whether that was done, after which none waits. */
    boolean recordInReserve(UnrecordedEnds ends) {
        try {
            if (reserve == null) {
                return false;
            }
            reserve.write(JournalRecord.end(ends.sequences()));
            ends.clear();
            return true;
        } catch (IOException e) {
            log.debug("The reserve of journal " + files + " cannot be written", e);
            return false;
        }
    }

    /** The length of all segments in bytes. */
    long length() {
        long length = 0;
        for (Segment segment : segments) {
            length += segment.end;
        }
        return length;
    }

    /** Begins a segment behind the others. */
    Segment next() throws IOException {
        Segment next = files.create(++number);
        segments.add(next);
        current = next;
        directoryChanged = true;
        return next;
    }

    /** Writes to the current segment no more. */
    void fail() {
        if (current != null) {
            current.failed = true;
            current = null;
        }
    }

    /**
     * Begins a segment with everything that is alive, and drops all others; after an exception everything is as it
     * was.
     */
    Segment renew(LiveRecords live) throws IOException {
        boolean gone = !files.isIntact(List.of(), reserve);
        files.retake(identities());
        Reserve kept = reserve != null && !reserve.isUsed() && !gone ? reserve : null;
        Reserve fresh = kept != null ? kept : files.reserve(++number);
        Segment next = null;
        CarryOver carry = null;
        try {
            next = files.create(++number);
            carry = new CarryOver(next, codec);
            carry.copy(live.all());
            if (fsync != Fsync.NEVER) {
                next.file.force();
                files.sync();
            }
        } catch (IOException | RuntimeException | Error e) {
            if (next != null) {
                files.discard(next);
            }
            if (fresh != kept) {
                files.drop(fresh);
            }
            throw e;
        }
        carry.complete(live);
        if (!carry.lost().isEmpty()) {
            log.warn("Journal " + files + ": " + carry.lost().size() + " records cannot be read any more");
        }
        drop(segments);
        drop(leftovers);
        if (reserve != null && reserve != fresh) {
            files.drop(reserve);
        }
        segments.add(next);
        directoryChanged = false;
        current = next;
        reserve = fresh;
        return next;
    }

    private void drop(List<Segment> all) {
        all.forEach(files::drop);
        all.clear();
        unforced.clear();
    }

    private Set<Object> identities() {
        Set<Object> identities = new LinkedHashSet<>();
        segments.forEach(segment -> identities.add(segment.identity));
        leftovers.forEach(segment -> identities.add(segment.identity));
        if (reserve != null) {
            identities.add(reserve.identity);
        }
        return identities;
    }

    /**
     * Drops everything where nothing is alive, and says that in the reserve: where the disk is full, nothing else
     * could be written before the segments have given their room back. A segment that was begun in vain, and that the
     * disk has refused to delete, is void by that too. Answers whether that was done.
     */
    boolean dropAll() {
        try {
            if (reserve == null || segments.isEmpty()) {
                return false;
            }
            reserve.write(JournalRecord.base(number + 1));
            drop(segments);
            return true;
        } catch (IOException e) {
            log.debug("The reserve of journal " + files + " cannot be written", e);
            return false;
        }
    }

    /** The oldest segments, in which nothing is alive; empty if the oldest of all holds something. */
    List<Segment> dead() {
        int dead = 0;
        while (dead < segments.size() - 1 && segments.get(dead).alive == 0) {
            dead++;
        }
        return List.copyOf(segments.subList(0, dead));
    }

    /** The number of the segment behind these. */
    long after(List<Segment> oldest) {
        return segments.get(oldest.size()).number;
    }

    /** Drops segments of which a record says that they are void. */
    void dropDead(List<Segment> dead) throws IOException {
        if (fsync != Fsync.NEVER && current != null) {
            current.file.force();
        }
        dead.stream().filter(segments::remove).forEach(files::drop);
    }

    // ------------------------------------------------------------------------------------------- what is on the disk

    /** Takes note of a write. */
    void written(Segment segment) {
        if (fsync == Fsync.INTERVAL) {
            unforced.add(segment);
        }
    }

    boolean isDirectoryChanged() {
        return directoryChanged;
    }

    void directorySynced() {
        directoryChanged = false;
    }

    /** The writes since the last force; they are taken for forced from now on. */
    Unforced takeUnforced() {
        Unforced taken = new Unforced(List.copyOf(unforced), directoryChanged);
        unforced.clear();
        directoryChanged = false;
        return taken;
    }

    /** Segments that were written, and whether some were made. */
    record Unforced(List<Segment> segments, boolean directory) {

        void force() throws IOException {
            for (Segment segment : segments) {
                segment.file.force();
            }
        }
    }

    /** Takes note of what could not be forced; answers whether any of it is still in use. */
    boolean notForced(Unforced refused) {
        refused.segments().forEach(segment -> segment.failed = true);
        directoryChanged |= refused.directory();
        return segments.stream().anyMatch(segment -> segment.failed);
    }

    /** Tells, without the lock, whether what others find in the directory is what this process writes to now. */
    BooleanSupplier intact() {
        List<Segment> now = List.copyOf(segments);
        Reserve room = reserve;
        return () -> files.isIntact(now, room);
    }

    void forceAll() throws IOException {
        if (fsync != Fsync.NEVER && current != null) {
            for (Segment segment : segments) {
                segment.file.force();
            }
        }
    }

    void close() {
        segments.forEach(segment -> JournalFiles.close(segment.file));
        leftovers.forEach(segment -> JournalFiles.close(segment.file));
        if (reserve != null) {
            reserve.close();
        }
    }
}
