package io.tinyllm.cache.write;

import io.tinyllm.cache.write.Journal.Recovered;
import io.tinyllm.cache.write.SegmentReader.Field;
import io.tinyllm.cache.write.SegmentReader.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes operations of the records that an earlier process has left, and keeps those whose keys cannot be read.
 * Guarded by the lock of the journal.
 */
final class UnreadableKeys {

    private final JournalCodec codec;
    private final Function<LiveRecord, byte[]> bytes;
    private final List<Unreadable> kept = new ArrayList<>();

    private record Unreadable(LiveRecord record, String type, String error) {}

    /**
     * @param bytes reads a record, or throws an {@link UnreadableException}
     */
    UnreadableKeys(JournalCodec codec, Function<LiveRecord, byte[]> bytes) {
        this.codec = codec;
        this.bytes = bytes;
    }

    /** The operations of the records that a replay has found, but for those whose keys cannot be read. */
    List<Recovered> recoverAll(LiveRecords live) throws IOException {
        List<Recovered> recovered = new ArrayList<>();
        for (LiveRecord record : live.all()) {
            Recovered found = recover(record);
            if (found != null) {
                recovered.add(found);
            }
        }
        return recovered;
    }

    /** The operation of a record that was found by a replay; null if its key cannot be read. */
    @Nullable
    Recovered recover(LiveRecord record) throws IOException {
        Found found = record.found;
        Field keyField = found == null ? null : found.field(JournalRecord.KEY);
        if (found == null || keyField == null) {
            return null;
        }
        record.found = null;
        SegmentReader reader = new SegmentReader(record.segment.file, record.segment.mark);
        Field typeField = found.field(JournalRecord.TYPE);
        String type = typeField == null ? "" : new String(reader.read(typeField), StandardCharsets.UTF_8);
        boolean deletion = found.head().type() == JournalRecord.DELETE;
        return recover(
                record, reader.read(keyField), deletion ? null : new Stored(record, type, keyField.length()), type);
    }

    private @Nullable Recovered recover(
            LiveRecord record, byte[] key, Operation.@Nullable StoredValue value, String type) {
        try {
            Operation operation = new Operation(codec.decodeKey(key), value, record.sequence, record.length);
            return new Recovered(operation, record.givenUp);
        } catch (RuntimeException | StackOverflowError | LinkageError e) {
            kept.add(new Unreadable(record, type, e.getClass().getName()));
            return null;
        }
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    List<DeadLetter> letters(LiveRecords live) {
        kept.removeIf(each -> live.get(each.record().sequence) != each.record());
        return kept.stream()
                .map(each -> new DeadLetter(
                        String.format(
                                "unreadable key %016x", each.record().digest.high()),
                        each.type(),
                        0,
                        each.error(),
                        DeadLetter.KEY_UNREADABLE))
                .toList();
    }

    /** Tries to read the keys again; what is read is not kept any more. */
    List<Recovered> retry(LiveRecords live) {
        letters(live);
        List<Unreadable> tried = List.copyOf(kept);
        kept.clear();
        List<Recovered> found = new ArrayList<>();
        for (Unreadable each : tried) {
            Recovered recovered = retry(each);
            if (recovered != null) {
                found.add(recovered);
            }
        }
        return found;
    }

    private @Nullable Recovered retry(Unreadable each) {
        try {
            JournalRecord.Content content = new JournalRecord.Content(bytes.apply(each.record()));
            byte[] key = content.field(JournalRecord.KEY);
            boolean deletion = content.field(JournalRecord.VALUE) == null;
            if (key != null) {
                return recover(
                        each.record(),
                        key,
                        deletion ? null : new Stored(each.record(), each.type(), key.length),
                        each.type());
            }
        } catch (UnreadableException still) {
            // kept
        }
        kept.add(each);
        return null;
    }

    /** A value in the journal alone. */
    private final class Stored implements Operation.StoredValue {

        private final LiveRecord record;
        private final String type;
        private final int keyBytes;

        Stored(LiveRecord record, String type, int keyBytes) {
            this.keyBytes = keyBytes;
            this.record = record;
            this.type = type;
        }

        @Override
        public Object read() {
            byte[] value = new JournalRecord.Content(bytes.apply(record)).field(JournalRecord.VALUE);
            if (value == null) {
                throw new UnreadableException("The record holds no value", null);
            }
            try {
                return codec.decodeValue(type, value);
            } catch (UnreadableException e) {
                throw e;
            } catch (RuntimeException | StackOverflowError | LinkageError e) {
                throw new UnreadableException("Reading a value of type " + type + " failed", e);
            }
        }

        @Override
        public String type() {
            return type;
        }

        @Override
        public long keyBytes() {
            return keyBytes;
        }
    }
}
