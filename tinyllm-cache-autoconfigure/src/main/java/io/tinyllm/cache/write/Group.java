package io.tinyllm.cache.write;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** Records that reach the operating system together. Guarded by the lock of the journal until it is on its way. */
final class Group {

    private static final Log log = LogFactory.getLog(Group.class);

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

    /** Takes note that the records are in a segment, from a position on. */
    void comeAlive(Segment segment, long at, LiveRecords live, UnrecordedEnds ends) {
        for (Item item : items) {
            Operation operation = item.operation();
            KeyDigest digest = item.digest();
            if (operation != null && digest != null) {
                LiveRecord ended = live.add(new LiveRecord(
                        operation.sequence(), digest, operation, segment, at + item.offset(), item.length()));
                if (ended != null) {
                    ends.add(ended);
                }
            }
        }
    }

    /** What was refused may be on the disk even so, and must not be taken for a write by the next start. */
    void suspect(Segment segment, long at, UnrecordedEnds ends) {
        long size = Long.MAX_VALUE;
        try {
            size = segment.file.size();
        } catch (IOException unknown) {
            log.debug("The size of " + segment.name + " is not known", unknown);
        }
        for (Item item : items) {
            Operation operation = item.operation();
            KeyDigest digest = item.digest();
            if (operation != null && digest != null && at + item.offset() + item.length() <= size) {
                ends.add(operation.sequence(), digest);
            }
        }
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
