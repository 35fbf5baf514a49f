package io.tinyllm.cache.write;

import io.tinyllm.cache.write.SegmentReader.Field;
import io.tinyllm.cache.write.SegmentReader.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The result of reading the segments of a journal: the operations that did not end. Holds digests of keys and places of
 * records, no keys and no values. Damaged bytes are passed over to the next intact record, and counted. Not
 * thread-safe.
 */
final class JournalReplay {

    /** Numbers of segments that are gone, and no nonsense, are not farther away than this. */
    private static final long FAR = 1L << 40;

    private final LiveRecords live = new LiveRecords();
    private final Set<Long> ended = new HashSet<>();
    private final List<Segment> valid = new ArrayList<>();
    private final List<Segment> leftovers = new ArrayList<>();
    private long lastSequence;
    private long base;
    private int damaged;

    private JournalReplay() {}

    /** Reads segments and reserves, which are ordered by their numbers. */
    static JournalReplay of(List<Segment> segments) throws IOException {
        JournalReplay replay = new JournalReplay();
        long base = base(segments);
        replay.base = base;
        // the ends in a reserve are of records in segments of any number, and what has ended replaces nothing
        for (Segment segment : segments) {
            if (JournalFiles.isReserve(segment)) {
                replay.leftovers.add(segment);
                replay.read(segment);
            }
        }
        for (Segment segment : segments) {
            if (!JournalFiles.isReserve(segment) && segment.number < base) {
                replay.leftovers.add(segment);
            } else if (!JournalFiles.isReserve(segment)) {
                replay.valid.add(segment);
                replay.read(segment);
            }
        }
        return replay;
    }

    /** The lowest number of a segment that counts: the highest that a reserve or the newest segment with one tells. */
    private static long base(List<Segment> segments) throws IOException {
        long base = 0;
        boolean told = false;
        long highest = segments.isEmpty() ? 0 : segments.get(segments.size() - 1).number;
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            boolean reserve = JournalFiles.isReserve(segment);
            if (reserve || !told) {
                long own = base(segment, reserve ? highest + FAR : segment.number);
                told |= !reserve && own > 0;
                base = Math.max(base, own);
            }
        }
        return base;
    }

    /** The base that a segment or a reserve tells; 0 where it tells none, or none that makes sense. */
    private static long base(Segment segment, long most) throws IOException {
        long base = 0;
        SegmentReader reader = new SegmentReader(segment.file, segment.mark);
        for (Found found = reader.next(SegmentHeader.LENGTH); found != null; found = reader.next(found.end())) {
            Field first = found.head().type() == JournalRecord.BASE ? found.field(JournalRecord.FIRST) : null;
            if (first != null && first.length() == Long.BYTES) {
                long told = ByteBuffer.wrap(reader.read(first)).getLong();
                base = told <= most ? Math.max(base, told) : base;
            }
        }
        return base;
    }

    private void read(Segment segment) throws IOException {
        SegmentReader reader = new SegmentReader(segment.file, segment.mark);
        long at = SegmentHeader.LENGTH;
        while (at < reader.size()) {
            Found found = reader.at(at);
            if (found == null) {
                boolean torn = reader.isTorn(at);
                found = reader.next(at + 1);
                if (found != null || !torn) {
                    damage(segment);
                }
                if (found == null) {
                    return;
                }
            }
            if (!apply(segment, reader, found)) {
                damage(segment);
            }
            at = found.end();
        }
    }

    /** A number far from the last that there is, so that the next one is never too large. */
    private static boolean isSequence(long sequence) {
        return sequence > 0 && sequence < 1L << 62;
    }

    private void damage(Segment segment) {
        segment.damaged = true;
        damaged++;
    }

    /** Returns whether the record makes sense. */
    private boolean apply(Segment segment, SegmentReader reader, Found found) throws IOException {
        long sequence = found.head().sequence();
        switch (found.head().type()) {
            case JournalRecord.PUT, JournalRecord.DELETE -> {
                Field digest = found.field(JournalRecord.DIGEST);
                boolean whole = found.field(JournalRecord.KEY) != null
                        && (found.head().type() == JournalRecord.DELETE || found.field(JournalRecord.VALUE) != null);
                if (digest == null || digest.length() != KeyDigest.BYTES || !whole || !isSequence(sequence)) {
                    return false;
                }
                lastSequence = Math.max(lastSequence, sequence);
                if (ended.contains(sequence)) {
                    return true;
                }
                LiveRecord record = new LiveRecord(
                        sequence,
                        KeyDigest.read(ByteBuffer.wrap(reader.read(digest))),
                        null,
                        segment,
                        found.position(),
                        found.head().length());
                record.found = found;
                live.add(record);
                return true;
            }
            case JournalRecord.END -> {
                return end(segment, reader, found.field(JournalRecord.ENDED));
            }
            case JournalRecord.GIVEN_UP -> {
                return giveUp(reader, found, live.get(sequence));
            }
            default -> {
                // of no concern here, or of a later release
                return true;
            }
        }
    }

    private boolean end(Segment segment, SegmentReader reader, @Nullable Field field) throws IOException {
        if (field == null || field.length() % Long.BYTES != 0) {
            return false;
        }
        ByteBuffer sequences = ByteBuffer.wrap(reader.read(field));
        boolean reserve = JournalFiles.isReserve(segment);
        while (sequences.hasRemaining()) {
            long sequence = sequences.getLong();
            if (!isSequence(sequence)) {
                return false;
            }
            lastSequence = Math.max(lastSequence, sequence);
            if (reserve) {
                ended.add(sequence);
            } else {
                live.remove(sequence);
            }
        }
        return true;
    }

    private static boolean giveUp(SegmentReader reader, Found found, @Nullable LiveRecord record) throws IOException {
        Field attempts = found.field(JournalRecord.ATTEMPTS);
        Field error = found.field(JournalRecord.ERROR);
        Field reason = found.field(JournalRecord.REASON);
        if (attempts == null || attempts.length() != Integer.BYTES || error == null || reason == null) {
            return false;
        }
        if (record != null) {
            record.givenUp = new JournalRecord.GivenUp(
                    ByteBuffer.wrap(reader.read(attempts)).getInt(),
                    new String(reader.read(error), StandardCharsets.UTF_8),
                    new String(reader.read(reason), StandardCharsets.UTF_8));
        }
        return true;
    }

    LiveRecords live() {
        return live;
    }

    /** The segments that count. */
    List<Segment> valid() {
        return valid;
    }

    /** The files that can be dropped once the journal has a base of its own: void segments and reserves. */
    List<Segment> leftovers() {
        return leftovers;
    }

    /** The lowest number that a segment which counts may have. */
    long base() {
        return base;
    }

    long lastSequence() {
        return lastSequence;
    }

    /** How many times bytes were passed over, or a record made no sense. */
    int damaged() {
        return damaged;
    }
}
