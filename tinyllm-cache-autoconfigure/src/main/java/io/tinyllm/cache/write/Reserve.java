package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.DiskFile;
import java.io.IOException;

/**
 * Room on the disk for the ends of operations, taken while there is some: a full disk must not keep a journal from
 * recording that an operation has ended. Guarded by the lock of the journal.
 */
final class Reserve {

    /** For the ends of some ten thousand operations. */
    static final int SIZE = 1 << 18;

    final String name;
    final Object identity;
    private final DiskFile file;
    private final long mark;
    private final boolean forced;
    private int end = SegmentHeader.LENGTH;

    Reserve(String name, Object identity, DiskFile file, long mark, boolean forced) {
        this.name = name;
        this.identity = identity;
        this.file = file;
        this.mark = mark;
        this.forced = forced;
    }

    boolean isUsed() {
        return end > SegmentHeader.LENGTH;
    }

    boolean hasRoom(int bytes) {
        return end + bytes <= SIZE;
    }

    /** Writes a record over zeros that are on the disk already. */
    void write(byte[] record) throws IOException {
        if (!hasRoom(record.length)) {
            throw new IOException("The reserve of the journal is used up");
        }
        int at = end;
        end += record.length;
        JournalRecord.seal(record, 0, record.length, mark);
        file.write(at, record, 0, record.length);
        if (forced) {
            file.force();
        }
    }

    void close() {
        JournalFiles.close(file);
    }
}
