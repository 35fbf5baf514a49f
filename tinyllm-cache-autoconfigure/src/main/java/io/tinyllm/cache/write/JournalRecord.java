package io.tinyllm.cache.write;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the records of a journal, numbers in big-endian order. A record is
 *
 * <pre>
 *  0  long   mark of its segment, by which a reader finds the next record after damage
 *  8  int    length of the record, from the mark to the seal
 * 12  byte   type, and three bytes that are zero
 * 16  long   sequence number of the operation; 0 where there is none
 * 24  fields, each  byte tag, int length, that many bytes; a reader skips the tags that it does not know
 * -4  int    seal: CRC-32C of everything before it
 *
 * type      fields
 * PUT       DIGEST, TYPE, KEY, VALUE (room for DEADLINE and TAGS)
 * DELETE    DIGEST, KEY
 * END       ENDED: the sequence numbers of operations that ended, a long each
 * GIVEN_UP  ATTEMPTS, ERROR, REASON: the operation of this number is a dead letter
 * BASE      FIRST: every segment of a lower number is void
 * NAME      KEY: the name of the cache, in UTF-8
 * </pre>
 */
final class JournalRecord {

    static final byte PUT = 1;
    static final byte DELETE = 2;
    static final byte END = 3;
    static final byte GIVEN_UP = 4;
    static final byte BASE = 5;
    static final byte NAME = 6;

    static final byte DIGEST = 1;
    static final byte KEY = 2;
    static final byte TYPE = 3;
    static final byte VALUE = 4;
    static final byte ENDED = 5;
    static final byte ATTEMPTS = 6;
    static final byte ERROR = 7;
    static final byte REASON = 8;
    static final byte FIRST = 9;

    /** Reserved for times-to-live and tags of entries that wait for the store. */
    static final byte DEADLINE = 10;

    static final byte TAGS = 11;

    static final int FIELDS = 24;
    static final int FIELD = 5;
    static final int SEAL = 4;
    static final int SMALLEST = FIELDS + SEAL;

    private static final int LENGTH = 8;
    private static final int TYPE_AT = 12;
    private static final int SEQUENCE = 16;
    private static final int LONGEST_TEXT = 1000;

    private JournalRecord() {}

    static byte[] put(KeyDigest digest, byte[] key, String type, byte[] value) {
        byte[] name = utf8(type);
        ByteBuffer record = start(PUT, 0, 4, KeyDigest.BYTES, name.length, key.length, value.length);
        field(record, DIGEST, digest.bytes());
        field(record, TYPE, name);
        field(record, KEY, key);
        field(record, VALUE, value);
        return record.array();
    }

    static byte[] delete(KeyDigest digest, byte[] key) {
        ByteBuffer record = start(DELETE, 0, 2, KeyDigest.BYTES, key.length);
        field(record, DIGEST, digest.bytes());
        field(record, KEY, key);
        return record.array();
    }

    static byte[] end(Collection<Long> sequences) {
        ByteBuffer ended = ByteBuffer.allocate(Long.BYTES * sequences.size());
        sequences.forEach(ended::putLong);
        return field(start(END, 0, 1, ended.capacity()), ENDED, ended.array()).array();
    }

    static byte[] givenUp(long sequence, GivenUp why) {
        byte[] error = utf8(shortened(why.error()));
        byte[] reason = utf8(why.reason());
        ByteBuffer record = start(GIVEN_UP, sequence, 3, Integer.BYTES, error.length, reason.length);
        field(
                record,
                ATTEMPTS,
                ByteBuffer.allocate(Integer.BYTES).putInt(why.attempts()).array());
        field(record, ERROR, error);
        field(record, REASON, reason);
        return record.array();
    }

    static byte[] base(long first) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(first).array();
        return field(start(BASE, 0, 1, Long.BYTES), FIRST, number).array();
    }

    static byte[] name(String cache) {
        byte[] name = utf8(cache);
        return field(start(NAME, 0, 1, name.length), KEY, name).array();
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer start(byte type, long sequence, int fields, int... lengths) {
        int length = SMALLEST + fields * FIELD;
        for (int each : lengths) {
            length = Math.addExact(length, each);
        }
        return ByteBuffer.allocate(length)
                .putLong(0)
                .putInt(length)
                .putInt(type << 24)
                .putLong(sequence);
    }

    private static ByteBuffer field(ByteBuffer record, byte tag, byte[] bytes) {
        return record.put(tag).putInt(bytes.length).put(bytes);
    }

    /** Gives a record that is not sealed yet its sequence number. */
    static void number(byte[] record, long sequence) {
        ByteBuffer.wrap(record).putLong(SEQUENCE, sequence);
    }

    /** Marks and seals a record of a segment, in place; it may have been one of another. */
    static void seal(byte[] bytes, int offset, int length, long mark) {
        ByteBuffer.wrap(bytes).putLong(offset, mark);
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length - SEAL);
        ByteBuffer.wrap(bytes).putInt(offset + length - SEAL, (int) crc.getValue());
    }

    /** The beginning of a record; whether it is true, the seal of the record tells. */
    record Head(long mark, int length, byte type, long sequence) {

        static Head of(byte[] bytes, int offset) {
            ByteBuffer head = ByteBuffer.wrap(bytes, offset, FIELDS).slice();
            return new Head(head.getLong(), head.getInt(LENGTH), head.get(TYPE_AT), head.getLong(SEQUENCE));
        }
    }

    /**
     * Why and when an operation was given up on.
     *
     * @param attempts how often it was tried
     * @param error what was thrown last
     * @param reason one of the reasons of {@link DeadLetter}
     */
    record GivenUp(int attempts, String error, String reason) {}

    /** An intact record in memory. */
    record Content(byte[] bytes) {

        /** The bytes of a field, null if there is none; null too where the record makes no sense. */
        byte @Nullable [] field(byte tag) {
            ByteBuffer fields = ByteBuffer.wrap(bytes, FIELDS, bytes.length - SMALLEST);
            while (fields.remaining() >= FIELD) {
                byte each = fields.get();
                int length = fields.getInt();
                if (length < 0 || length > fields.remaining()) {
                    return null;
                }
                if (each == tag) {
                    byte[] value = new byte[length];
                    fields.get(value);
                    return value;
                }
                fields.position(fields.position() + length);
            }
            return null;
        }
    }
}
