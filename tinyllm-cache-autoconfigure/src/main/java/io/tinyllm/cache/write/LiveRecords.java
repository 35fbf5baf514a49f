package io.tinyllm.cache.write;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations that have not ended, the newest of each key, in the order of their records. Not thread-safe. */
final class LiveRecords {

    private final Map<Long, LiveRecord> bySequence = new LinkedHashMap<>();
    private final Map<KeyDigest, LiveRecord> byKey = new HashMap<>();
    private long bytes;

    /**
     * Adds an operation, which ends the older one of its key.
     *
     * @return the one that has ended by that, the added one itself where it is the older; null if none
     */
    @Nullable
    LiveRecord add(LiveRecord added) {
        LiveRecord former = byKey.get(added.digest);
        if (former != null && former.sequence > added.sequence) {
            return added;
        }
        if (former != null) {
            remove(former.sequence);
        }
        bySequence.put(added.sequence, added);
        byKey.put(added.digest, added);
        bytes += added.length;
        added.segment.alive++;
        return former != null && former.sequence == added.sequence ? null : former;
    }

    @Nullable
    LiveRecord remove(long sequence) {
        LiveRecord removed = bySequence.remove(sequence);
        if (removed != null) {
            byKey.remove(removed.digest, removed);
            bytes -= removed.length;
            removed.segment.alive--;
        }
        return removed;
    }

    void move(LiveRecord record, Segment segment, long position, int length) {
        record.segment.alive--;
        segment.alive++;
        bytes += length - record.length;
        record.segment = segment;
        record.position = position;
        record.length = length;
    }

    @Nullable
    LiveRecord get(long sequence) {
        return bySequence.get(sequence);
    }

    boolean holds(KeyDigest digest) {
        return byKey.containsKey(digest);
    }

    /** A copy, in the order of the records. */
    List<LiveRecord> all() {
        return List.copyOf(bySequence.values());
    }

    boolean isEmpty() {
        return bySequence.isEmpty();
    }

    /** The length of the records that are alive, in bytes. */
    long bytes() {
        return bytes;
    }
}
