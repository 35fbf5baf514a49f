package io.tinyllm.cache.codec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The record of what stays in memory, since it has no stored form: counted by cache, type and reason, and told once for
 * each cache and type in the log. Thread-safe; bounded for each cache. Types and reasons are those of classes, never of
 * values.
 */
public final class NotShared {

    private static final Log log = LogFactory.getLog(NotShared.class);

    /** The most rows of a cache; what is more counts in one row for all. */
    private static final int MOST_ROWS = 64;

    private final Map<String, OfCache> caches = new ConcurrentHashMap<>();

    /** The part of an entry that has no stored form. */
    public enum Part {
        /** The value itself: an entry of another key may be shared. */
        VALUE,
        /** The key, whatever its value is. */
        KEY;

        /** Its name as the tag of a meter. */
        public String tag() {
            return this == KEY ? "no-encoding" : "no-stored-form";
        }
    }

    /**
     * One type that has no stored form, why, and how often.
     *
     * @param type the class of the values, or keys
     * @param reason which part of it has no stored form, and why
     * @param count how many values
     */
    public record Row(String type, String reason, long count) {}

    /** Counts a value of a cache that is not shared. */
    public void refused(String cache, @Nullable Object value, UnsupportedValueException refusal) {
        of(cache).count(cache, Part.VALUE, Missing.of(value, refusal));
    }

    /** Counts an entry of a cache whose key has no stored form. */
    public void refused(String cache, Object key, UnsupportedKeyException refusal) {
        of(cache).count(cache, Part.KEY, new Missing(key.getClass().getName(), refusal.reason()));
    }

    /**
     * Notes how many values of a cache its latest snapshot had to leave out, in place of what was noted before.
     *
     * @param leftOut the values by type and reason
     */
    public void leftOut(String cache, Map<Missing, Long> leftOut) {
        if (!leftOut.isEmpty() || caches.containsKey(cache)) {
            of(cache).leftOut(cache, leftOut);
        }
    }

    /**
     * A type that lacks a stored form, and why.
     *
     * @param type the class
     * @param reason which part of it has no stored form, and why
     */
    public record Missing(String type, String reason) {

        /** The type of a value that was refused, and why. */
        public static Missing of(@Nullable Object value, UnsupportedValueException refusal) {
            return new Missing(value == null ? "null" : value.getClass().getName(), refusal.reason());
        }
    }

    /** The types of a cache that stay in memory, most frequent first; at most some dozens of rows. */
    public List<Row> rows(String cache) {
        OfCache known = caches.get(cache);
        return known == null ? List.of() : known.rows();
    }

    /** How many times a part of an entry of a cache had no stored form where it was to be shared. */
    public long count(String cache, Part part) {
        OfCache known = caches.get(cache);
        return known == null ? 0 : known.total(part).sum();
    }

    private OfCache of(String cache) {
        OfCache known = caches.get(cache);
        return known != null ? known : caches.computeIfAbsent(cache, name -> new OfCache());
    }

    private static final class OfCache {

        private final Map<Missing, Counted> rows = new ConcurrentHashMap<>();
        private final Map<String, Boolean> told = new ConcurrentHashMap<>();
        private final LongAdder values = new LongAdder();
        private final LongAdder keys = new LongAdder();
        private final Counted others = new Counted();

        LongAdder total(Part part) {
            return part == Part.KEY ? keys : values;
        }

        void count(String cache, Part part, Missing missing) {
            total(part).increment();
            row(cache, part, missing).shared.increment();
        }

        void leftOut(String cache, Map<Missing, Long> latest) {
            rows.values().forEach(row -> row.leftOut = 0);
            others.leftOut = 0;
            latest.forEach((missing, count) -> {
                Counted row = row(cache, Part.VALUE, missing);
                row.leftOut = row == others ? row.leftOut + count : count;
            });
        }

        private Counted row(String cache, Part part, Missing missing) {
            Counted known = rows.get(missing);
            if (known != null) {
                return known;
            }
            if (rows.size() >= MOST_ROWS) {
                return others;
            }
            if (told.size() < MOST_ROWS && told.putIfAbsent(missing.type(), true) == null) {
                tell(cache, part, missing);
            }
            return rows.computeIfAbsent(missing, type -> new Counted());
        }

        List<Row> rows() {
            List<Row> all = new ArrayList<>();
            rows.forEach((missing, row) -> all.add(new Row(missing.type(), missing.reason(), row.count())));
            all.removeIf(row -> row.count() == 0);
            all.sort(Comparator.comparingLong(Row::count).reversed().thenComparing(Row::type));
            if (others.count() > 0) {
                all.add(new Row("other types", "more types than are listed", others.count()));
            }
            return all;
        }

        private static void tell(String cache, Part part, Missing missing) {
            log.warn((part == Part.KEY ? "Keys" : "Values") + " of type " + missing.type()
                    + " stay in the memory of this "
                    + "instance, in cache '" + cache + "': " + missing.reason()
                    + ". Give the type a StoredForm bean, or leave "
                    + "the cache in memory only (tinyllm.cache.caches." + cache
                    + ".redis.enabled: false, snapshot.enabled: "
                    + "false). Further ones are counted (notShared in /actuator/cacheanalytics/" + cache + ").");
        }
    }

    /** How many, counted as they were to be shared, and left out of the latest snapshot. */
    private static final class Counted {

        private final LongAdder shared = new LongAdder();
        private volatile long leftOut;

        long count() {
            return Math.max(shared.sum(), leftOut);
        }
    }
}
