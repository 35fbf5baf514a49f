package io.tinyllm.cache.write;

import io.tinyllm.cache.write.JournalRecord.Head;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Copies what is alive into a segment that nobody else writes to, reads every copy back, and tells then that older
 * segments are void. After an exception the segment is worthless, and nothing else has changed. For one use under the
 * lock of the journal.
 */
final class CarryOver {

    private static final int CHUNK = 1 << 18;

    private final Segment target;
    private final JournalCodec codec;
    private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    private final List<LiveRecord> moved = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private final List<LiveRecord> lost = new ArrayList<>();
    private long flushedTo;

    private record Place(long position, int length) {}

    CarryOver(Segment target, JournalCodec codec) {
        this.target = target;
        this.codec = codec;
        this.flushedTo = target.end;
    }

    void copy(List<LiveRecord> records) throws IOException {
        for (LiveRecord record : records) {
            byte[] bytes = bytes(record);
            if (bytes == null) {
                lost.add(record);
                continue;
            }
            moved.add(record);
            places.add(new Place(add(bytes), bytes.length));
            JournalRecord.GivenUp givenUp = record.givenUp;
            if (givenUp != null) {
                add(JournalRecord.givenUp(record.sequence, givenUp));
            }
        }
        add(JournalRecord.base(target.number));
        flush();
        target.end = flushedTo;
    }

    private long add(byte[] record) throws IOException {
        if (chunk.size() > 0 && chunk.size() + record.length > CHUNK) {
            flush();
        }
        long place = flushedTo + chunk.size();
        JournalRecord.seal(record, 0, record.length, target.mark);
        chunk.write(record, 0, record.length);
        return place;
    }

    /** What was written is compared with what can be read: a disk that lies is found out before the originals go. */
    private void flush() throws IOException {
        byte[] written = chunk.toByteArray();
        chunk.reset();
        target.file.write(flushedTo, written, 0, written.length);
        byte[] read = new byte[written.length];
        target.file.readFully(flushedTo, read, 0, read.length);
        if (!Arrays.equals(written, read)) {
            throw new IOException("What was written to " + target.name + " is not what can be read from it");
        }
        flushedTo += written.length;
    }

    /** The record as it is on the disk, else made anew from what is in memory; null if there is neither. */
    private byte @Nullable [] bytes(LiveRecord record) {
        try {
            byte[] bytes = read(record);
            if (bytes != null) {
                return bytes;
            }
        } catch (IOException gone) {
            // from memory then
        }
        record.segment.damaged = true;
        Operation source = record.source;
        return source == null ? null : encode(codec, source, record.sequence);
    }

    private static byte @Nullable [] encode(JournalCodec codec, Operation source, long sequence) {
        try {
            byte[] bytes = prepare(codec, source.key(), source.value()).record();
            JournalRecord.number(bytes, sequence);
            return bytes;
        } catch (RuntimeException | StackOverflowError changedSince) {
            return null;
        }
    }

    /** The digest of a key; null if it has none, and is in no journal. */
    static @Nullable KeyDigest digest(JournalCodec codec, Object key) {
        try {
            return KeyDigest.of(codec.encodeKey(key));
        } catch (RuntimeException | StackOverflowError neverRecorded) {
            return null;
        }
    }

    static Journal.Prepared prepare(JournalCodec codec, Object key, @Nullable Object value) {
        byte[] keyBytes = codec.encodeKey(key);
        KeyDigest digest = KeyDigest.of(keyBytes);
        if (value == null) {
            return new Journal.Prepared(key, null, digest, JournalRecord.delete(digest, keyBytes), keyBytes.length);
        }
        JournalCodec.Encoded encoded = codec.encodeValue(value);
        byte[] record = JournalRecord.put(digest, keyBytes, encoded.type(), encoded.bytes());
        return new Journal.Prepared(key, value, digest, record, record.length);
    }

    /** The bytes of a record, null if they are not intact. */
    static byte @Nullable [] read(LiveRecord record) throws IOException {
        byte[] bytes = new byte[record.length];
        record.segment.file.readFully(record.position, bytes, 0, bytes.length);
        byte[] sealed = bytes.clone();
        JournalRecord.seal(sealed, 0, sealed.length, record.segment.mark);
        Head head = Head.of(bytes, 0);
        return head.sequence() == record.sequence && Arrays.equals(bytes, sealed) ? bytes : null;
    }

    /**
     * The bytes of a record.
     *
     * @throws UnreadableException if they are not intact, or cannot be read
     */
    static byte[] readIntact(LiveRecord record) {
        try {
            byte[] bytes = read(record);
            if (bytes == null) {
                throw new UnreadableException("The record is damaged", null);
            }
            return bytes;
        } catch (IOException e) {
            throw new UnreadableException(
                    "The record cannot be read: " + e.getClass().getName(), e);
        }
    }

    /** Makes the copies count. */
    void complete(LiveRecords live) {
        for (int i = 0; i < moved.size(); i++) {
            Place place = places.get(i);
            live.move(moved.get(i), target, place.position(), place.length());
        }
        lost.forEach(record -> live.remove(record.sequence));
    }

    /** The records that neither the disk nor the memory has any more. */
    List<LiveRecord> lost() {
        return lost;
    }
}
