package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a segment, which is there twice, since without it no record can be found:
 *
 * <pre>
 *  0  8 bytes  "TLCJRNL2"
 *  8  long     mark of the records, a random number, so that no value holds one by chance or by intent
 * 16  int      CRC-32C of the above, and four bytes that are zero
 * 24  the same once more
 * </pre>
 */
final class SegmentHeader {

    static final int LENGTH = 48;

    private static final int COPY = 24;
    private static final int SEALED = 16;
    private static final byte[] MAGIC = "TLCJRNL2".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FORMER = "TLCJRNL1".getBytes(StandardCharsets.US_ASCII);

    private SegmentHeader() {}

    static byte[] of(long mark) {
        ByteBuffer header = ByteBuffer.allocate(LENGTH);
        for (int copy = 0; copy < LENGTH; copy += COPY) {
            header.position(copy);
            header.put(MAGIC).putLong(mark).putInt(crc(header.array(), copy));
        }
        return header.array();
    }

    private static int crc(byte[] bytes, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, SEALED);
        return (int) crc.getValue();
    }

    /** Returns whether a file is a journal of the format before this one. */
    static boolean isFormer(DiskFile file) throws IOException {
        byte[] begin = new byte[FORMER.length];
        if (file.size() < begin.length) {
            return false;
        }
        file.readFully(0, begin, 0, begin.length);
        return Arrays.equals(begin, FORMER);
    }

    /** The mark of the records of a file; null if it is no segment, or one that ends before its first record. */
    static @Nullable Long markOf(DiskFile file) throws IOException {
        if (file.size() < LENGTH) {
            return null;
        }
        byte[] bytes = new byte[LENGTH];
        file.readFully(0, bytes, 0, LENGTH);
        for (int copy = 0; copy < LENGTH; copy += COPY) {
            ByteBuffer header = ByteBuffer.wrap(bytes, copy, COPY).slice();
            if (Arrays.equals(bytes, copy, copy + MAGIC.length, MAGIC, 0, MAGIC.length)
                    && header.getInt(SEALED) == crc(bytes, copy)) {
                return header.getLong(MAGIC.length);
            }
        }
        // both copies are damaged: the first record tells its mark, if it is intact
        return file.size() < LENGTH + JournalRecord.SMALLEST ? null : markOfFirstRecord(file);
    }

    private static @Nullable Long markOfFirstRecord(DiskFile file) throws IOException {
        byte[] bytes = new byte[Long.BYTES];
        file.readFully(LENGTH, bytes, 0, bytes.length);
        long mark = ByteBuffer.wrap(bytes).getLong();
        return new SegmentReader(file, mark).at(LENGTH) == null ? null : mark;
    }
}
