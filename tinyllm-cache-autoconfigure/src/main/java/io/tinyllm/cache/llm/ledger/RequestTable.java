package io.tinyllm.cache.llm.ledger;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
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
            row.kept = new Kept(freshUntilNanos);
        }
    }

    /** Says that the answer of a request is not held. */
    synchronized void notKept(String key) {
        Row row = rows.get(key);
        if (row != null) {
            row.kept = null;
        }
    }

    /** Why there is no answer to a request: the end of its own, or what differs from the nearest of the others. */
    synchronized String reason(String key, RequestPrint print, long nowNanos) {
        Row same = rows.get(key);
        if (same != null) {
            Kept kept = same.kept;
            if (kept == null) {
                return "not-stored";
            }
            return kept.freshUntilNanos != NEVER && nowNanos - kept.freshUntilNanos >= 0 ? "expired" : "evicted";
        }
        Row near = null;
        // From the oldest to the latest: of several that differ in one field the latest counts.
        for (Row row : rows.values()) {
            near = row.print.distance(print) == 1 ? row : near;
        }
        return near == null ? "new" : print.from(near.print).names().get(0);
    }

    /** Returns whether an answer to a request was held, be it still or not. */
    synchronized boolean hasKept(String key) {
        Row row = rows.get(key);
        return row != null && row.kept != null;
    }

    /** The requests whose answers were held when last heard of, the nearest to one first: of equals the latest. */
    synchronized List<Near> nearest(RequestPrint print) {
        List<Near> near = new ArrayList<>();
        rows.forEach((key, row) -> {
            Kept kept = row.kept;
            if (kept != null && !kept.gone) {
                near.add(new Near(key, print.from(row.print), kept));
            }
        });
        Collections.reverse(near);
        near.sort((one, other) -> Difference.NEAREST_FIRST.compare(one.difference, other.difference));
        return near;
    }

    /** Says that the answer of a request is gone; one that was stored meanwhile is not. */
    synchronized void gone(Near near) {
        near.kept.gone = true;
    }

    /** A request beside another: how that differs from it, and the answer that was held. */
    static final class Near {

        private final String key;
        private final Difference difference;
        private final Kept kept;

        private Near(String key, Difference difference, Kept kept) {
            this.key = key;
            this.difference = difference;
            this.kept = kept;
        }

        String key() {
            return key;
        }

        Difference difference() {
            return difference;
        }
    }

    /** An answer that was held when last heard of; guarded by the table. */
    private static final class Kept {

        private final long freshUntilNanos;
        private boolean gone;

        Kept(long freshUntilNanos) {
            this.freshUntilNanos = freshUntilNanos;
        }
    }

    private static final class Row {

        private final RequestPrint print;
        private @Nullable Kept kept;

        Row(RequestPrint print) {
            this.print = print;
        }
    }
}
