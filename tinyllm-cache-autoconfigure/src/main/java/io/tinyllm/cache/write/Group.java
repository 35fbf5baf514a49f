package io.tinyllm.cache.write;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Records that reach the operating system together. Guarded by the lock of the journal until it is on its way. */
final class Group {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Item> items = new ArrayList<>();
    boolean done;

    @Nullable
    IOException failure;

    /**
     * A record of a group.
     *
     * @param operation what is live once the record is written; null for records of other kinds
     */
    record Item(@Nullable Operation operation, @Nullable KeyDigest digest, int offset, int length) {}

    void add(byte[] record, @Nullable Operation operation, @Nullable KeyDigest digest) {
        items.add(new Item(operation, digest, bytes.size(), record.length));
        bytes.write(record, 0, record.length);
    }

    boolean isEmpty() {
        return items.isEmpty();
    }

    List<Item> items() {
        return items;
    }

    /** All records, one after the other, as records of a segment of this mark. */
    byte[] sealed(long mark) {
        byte[] all = bytes.toByteArray();
        for (Item item : items) {
            JournalRecord.seal(all, item.offset(), item.length(), mark);
        }
        return all;
    }
}
