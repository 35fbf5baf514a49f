package io.tinyllm.cache.llm.ledger;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The digests of the last requests of a cache, and what became of their answers. Thread-safe. */
final class RequestTable {

    /** How many requests are remembered. */
    static final int LARGEST = 1024;

    /** Stays fresh for ever. */
    static final long NEVER = Long.MAX_VALUE;

    private final Map<String, Row> rows = new LinkedHashMap<>(256, 0.75f, true);

    /** Remembers a request that is asked for now; returns whether it was not known. */
    synchronized boolean note(String key, RequestPrint print) {
        if (rows.get(key) != null) {
            return false;
        }
        rows.put(key, new Row(print));
        if (rows.size() > LARGEST) {
            Iterator<String> oldest = rows.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return true;
    }

    /** Returns whether a request is remembered; it is one of the last from now on. */
    synchronized boolean knows(String key) {
        return rows.get(key) != null;
    }

    /**
     * Says that the answer of a request is held.
     * @param freshUntilNanos until when it is fresh, {@link #NEVER} for ever
     */
    synchronized void kept(String key, long freshUntilNanos) {
        Row row = rows.get(key);
        if (row != null) {
            row.kept = true;
            row.freshUntilNanos = freshUntilNanos;
        }
    }

    /** Says that the answer of a request is not held. */
    synchronized void notKept(String key) {
        Row row = rows.get(key);
        if (row != null) {
            row.kept = false;
        }
    }

    /** Why there is no answer to a request: the end of its own, or what differs from the nearest of the others. */
    synchronized String reason(String key, RequestPrint print, long nowNanos) {
        Row same = rows.get(key);
        if (same != null) {
            if (!same.kept) {
                return "not-stored";
            }
            return same.freshUntilNanos != NEVER && nowNanos - same.freshUntilNanos >= 0 ? "expired" : "evicted";
        }
        Row near = null;
        // From the oldest to the latest: of several that differ in one field the latest counts.
        for (Row row : rows.values()) {
            near = row.print.distance(print) == 1 ? row : near;
        }
        return near == null ? "new" : print.from(near.print).names().get(0);
    }

    /** How a request differs from the nearest whose answer is held, as far as is known here; null where none is. */
    synchronized @Nullable Difference nearest(RequestPrint print) {
        Difference nearest = null;
        for (Row row : rows.values()) {
            if (row.kept) {
                Difference difference = print.from(row.print);
                nearest = nearest == null || !nearest.isSmallerThan(difference) ? difference : nearest;
            }
        }
        return nearest;
    }

    private static final class Row {

        private final RequestPrint print;
        private boolean kept;
        private long freshUntilNanos;

        Row(RequestPrint print) {
            this.print = print;
        }
    }
}
