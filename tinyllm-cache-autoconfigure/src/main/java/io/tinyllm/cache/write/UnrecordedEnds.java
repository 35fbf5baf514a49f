package io.tinyllm.cache.write;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Operations that have ended, as long as the disk does not say so. Guarded by the lock of the journal. */
final class UnrecordedEnds {

    private final List<Map<Long, KeyDigest>> onTheirWay = new ArrayList<>();
    private Map<Long, KeyDigest> waiting = new LinkedHashMap<>();

    void add(long sequence, KeyDigest digest) {
        waiting.put(sequence, digest);
    }

    void add(LiveRecord ended) {
        add(ended.sequence, ended.digest);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int size() {
        return waiting.size();
    }

    Set<Long> sequences() {
        return waiting.keySet();
    }

    void clear() {
        waiting.clear();
    }

    /** Takes all that waits, to be recorded; {@link #recorded} or {@link #refused} follows. */
    Map<Long, KeyDigest> take() {
        Map<Long, KeyDigest> taken = waiting;
        waiting = new LinkedHashMap<>();
        onTheirWay.add(taken);
        return taken;
    }

    void recorded(Map<Long, KeyDigest> taken) {
        onTheirWay.removeIf(each -> each == taken);
    }

    void refused(Map<Long, KeyDigest> taken) {
        recorded(taken);
        waiting.putAll(taken);
    }

    /** Returns whether the end of an operation on a key is not recorded. */
    boolean holds(KeyDigest digest) {
        return waiting.containsValue(digest) || areOnTheirWay(digest);
    }

    /** Returns whether the end of an operation on a key is just being recorded. */
    boolean areOnTheirWay(KeyDigest digest) {
        return onTheirWay.stream().anyMatch(each -> each.containsValue(digest));
    }
}
