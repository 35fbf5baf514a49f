package io.tinyllm.cache.write;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the records of a journal. A record is
 *
 * <pre>
 * int   length of the body
 * int   CRC-32C of the length and the body
 * body  byte type, long sequence, and
 *       PUT      int length of the key, the key, the value
 *       DELETE   the key
 *       GIVEN_UP int attempts, UTF-8 of the error
 *       RELEASED the sequences that ended, a long each (its own sequence is 0)
 * </pre>
 */
final class JournalRecords {

    static final byte PUT = 1;
    static final byte DELETE = 2;
    static final byte GIVEN_UP = 3;
    static final byte RELEASED = 4;

    static final int HEADER = 8;
    private static final int PREFIX = 9;
    private static final int LONGEST_ERROR = 1000;

    private JournalRecords() {}

    static byte[] operation(long sequence, byte[] key, byte @Nullable [] value) {
        if (value == null) {
            return seal(start(DELETE, sequence, key.length).put(key));
        }
        int length = Math.addExact(Math.addExact(4, key.length), value.length);
        return seal(start(PUT, sequence, length).putInt(key.length).put(key).put(value));
    }

    static byte[] givenUp(long sequence, int attempts, String error) {
        byte[] text =
                error.substring(0, Math.min(LONGEST_ERROR, error.length())).getBytes(StandardCharsets.UTF_8);
        return seal(start(GIVEN_UP, sequence, 4 + text.length).putInt(attempts).put(text));
    }

    static byte[] released(List<Long> sequences) {
        ByteBuffer record = start(RELEASED, 0, 8 * sequences.size());
        sequences.forEach(record::putLong);
        return seal(record);
    }

    /** Whether the bytes, a header and the body it announces, are what was written. */
    static boolean isIntact(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record.array(), 0, 4);
        crc.update(record.array(), HEADER, record.limit() - HEADER);
        return record.getInt(4) == (int) crc.getValue();
    }

    private static ByteBuffer start(byte type, long sequence, int length) {
        int body = Math.addExact(PREFIX, length);
        return ByteBuffer.allocate(Math.addExact(HEADER, body))
                .putInt(body)
                .putInt(0)
                .put(type)
                .putLong(sequence);
    }

    private static byte[] seal(ByteBuffer record) {
        CRC32C crc = new CRC32C();
        crc.update(record.array(), 0, 4);
        crc.update(record.array(), HEADER, record.capacity() - HEADER);
        record.putInt(4, (int) crc.getValue());
        return record.array();
    }

    /** The body of an intact record. */
    record Body(byte type, long sequence, ByteBuffer content) {

        static Body of(ByteBuffer record) {
            ByteBuffer body = record.duplicate().position(HEADER);
            return new Body(body.get(), body.getLong(), body.slice());
        }

        byte[] key() {
            ByteBuffer bytes = content.duplicate();
            byte[] key = new byte[type == PUT ? bytes.getInt() : bytes.remaining()];
            bytes.get(key);
            return key;
        }

        byte @Nullable [] value() {
            if (type != PUT) {
                return null;
            }
            ByteBuffer bytes = content.duplicate();
            bytes.position(4 + bytes.getInt());
            byte[] value = new byte[bytes.remaining()];
            bytes.get(value);
            return value;
        }

        int attempts() {
            return content.getInt(0);
        }

        String error() {
            return StandardCharsets.UTF_8
                    .decode(content.duplicate().position(4))
                    .toString();
        }
    }
}
