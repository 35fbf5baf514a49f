package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a segment in order, through a window of fixed size, whatever their lengths say. Not
 * thread-safe.
 */
final class SegmentReader {

    private static final int WINDOW = 1 << 16;

    private final DiskFile file;
    private final long mark;
    private final long size;
    private final byte[] window = new byte[WINDOW];
    private long windowStart;
    private int windowLength;

    SegmentReader(DiskFile file, long mark) throws IOException {
        this.file = file;
        this.mark = mark;
        this.size = file.size();
    }

    /** A part of a record: where its bytes lie in the file. */
    record Field(byte tag, long position, int length) {}

    /** An intact record: its seal is right. */
    record Found(JournalRecord.Head head, long position, List<Field> fields) {

        long end() {
            return position + head.length();
        }

        @Nullable
        Field field(byte tag) {
            for (Field field : fields) {
                if (field.tag() == tag) {
                    return field;
                }
            }
            return null;
        }
    }

    long size() {
        return size;
    }

    /**
     * The intact record at a position, null if there is none. Where the fields make no sense there are none of them.
     */
    @Nullable
    Found at(long position) throws IOException {
        JournalRecord.Head head = head(position);
        if (head == null
                || head.mark() != mark
                || head.length() < JournalRecord.SMALLEST
                || head.length() > size - position) {
            return null;
        }
        CRC32C crc = new CRC32C();
        long end = position + head.length() - JournalRecord.SEAL;
        long at = position;
        while (at < end) {
            int here = fill(at, 1);
            int length = (int) Math.min(end - at, windowLength - here);
            crc.update(window, here, length);
            at += length;
        }
        if (ByteBuffer.wrap(window).getInt(fill(end, JournalRecord.SEAL)) != (int) crc.getValue()) {
            return null;
        }
        return new Found(head, position, fields(position + JournalRecord.FIELDS, end));
    }

    private JournalRecord.@Nullable Head head(long position) throws IOException {
        return size - position < JournalRecord.SMALLEST
                ? null
                : JournalRecord.Head.of(window, fill(position, JournalRecord.FIELDS));
    }

    private List<Field> fields(long from, long end) throws IOException {
        List<Field> fields = new ArrayList<>(4);
        long at = from;
        while (at < end) {
            if (end - at < JournalRecord.FIELD) {
                return List.of();
            }
            int here = fill(at, JournalRecord.FIELD);
            int length = ByteBuffer.wrap(window).getInt(here + 1);
            if (length < 0 || length > end - at - JournalRecord.FIELD) {
                return List.of();
            }
            fields.add(new Field(window[here], at + JournalRecord.FIELD, length));
            at += JournalRecord.FIELD + length;
        }
        return fields;
    }

    /** The first intact record from a position on, null if there is none. */
    @Nullable
    Found next(long from) throws IOException {
        byte first = (byte) (mark >>> 56);
        long at = from;
        while (size - at >= JournalRecord.SMALLEST) {
            int here = fill(at, Long.BYTES);
            int last = windowLength - Long.BYTES;
            while (here <= last
                    && (window[here] != first || ByteBuffer.wrap(window).getLong(here) != mark)) {
                here++;
            }
            at = windowStart + here;
            if (here <= last) {
                Found found = at(at);
                if (found != null) {
                    return found;
                }
                at++;
            }
        }
        return null;
    }

    /**
     * Whether the bytes from here to the end of the file are what a write that did not end leaves: the beginning of a
     * record, or zeros that a file system has put there.
     */
    boolean isTorn(long position) throws IOException {
        long left = size - position;
        if (left <= 0 || isZero(position)) {
            return true;
        }
        int known = (int) Math.min(left, Long.BYTES);
        int here = fill(position, known);
        for (int i = 0; i < known; i++) {
            if (window[here + i] != (byte) (mark >>> 56 - 8 * i)) {
                return false;
            }
        }
        JournalRecord.Head head = head(position);
        return head == null || head.length() >= JournalRecord.SMALLEST && head.length() > left;
    }

    private boolean isZero(long position) throws IOException {
        for (long at = position; at < size; at++) {
            int here = fill(at, 1);
            while (here < windowLength) {
                if (window[here++] != 0) {
                    return false;
                }
            }
            at = windowStart + windowLength - 1;
        }
        return true;
    }

    byte[] read(Field field) throws IOException {
        byte[] bytes = new byte[field.length()];
        file.readFully(field.position(), bytes, 0, bytes.length);
        return bytes;
    }

    /** Makes so many bytes from a position on lie in the window, and answers where. */
    private int fill(long position, int length) throws IOException {
        if (position < windowStart || position + length > windowStart + windowLength) {
            windowStart = position;
            windowLength = (int) Math.min(WINDOW, size - position);
            file.readFully(position, window, 0, windowLength);
        }
        return (int) (position - windowStart);
    }
}
