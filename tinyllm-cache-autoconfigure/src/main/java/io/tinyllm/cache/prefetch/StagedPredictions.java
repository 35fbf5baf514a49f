package io.tinyllm.cache.prefetch;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The predicted keys that wait for their verdict, oldest first, and how many places they may take from the rest of the
 * cache. The oldest eighth of the places tells what the last ones are worth: while they bring more hits a place than a
 * quarter of what the rest of the cache brings on average, an eighth is added, else half of them are given back, once
 * that has come to a few hits. (The places that the rest of the cache would lose bring less than its average.)
 *
 * <p>Not thread safe.
 */
final class StagedPredictions {

    private static final int SHARE = 8;
    private static final int FEWEST = 4;
    private static final int FIRST = 8;

    /** The worth of a hardly used place in the rest of the cache, in hits of one that is used on average. */
    private static final double WORTH_OF_LAST = 0.25;

    /** So many hits more, or fewer, than the rest of the cache had in as many places change the number of places. */
    private static final double ENOUGH = 4;

    private final LinkedHashMap<Object, Prediction> young = new LinkedHashMap<>();
    private final LinkedHashMap<Object, Prediction> old = new LinkedHashMap<>();
    private int most;
    private int places;
    private double score;

    /**
     * @param most how many places there may be at most; an eighth of them, at least 8, are there at first
     */
    StagedPredictions(int most) {
        this.most = most;
        places = Math.min(most, Math.max(FIRST, most / SHARE));
    }

    /** Says how many places there may be at most from now on. */
    void limit(int most) {
        this.most = most;
        places = Math.max(fewest(), Math.min(places, most));
    }

    private int fewest() {
        return Math.min(most, Math.max(1, Math.min(FEWEST, most / SHARE)));
    }

    /** How many predictions may wait. */
    int places() {
        return places;
    }

    /** How many predictions wait: more than {@link #places} when these have become fewer. */
    int size() {
        return young.size() + old.size();
    }

    boolean holds(Object key) {
        return get(key) != null;
    }

    @Nullable
    Prediction get(Object key) {
        Prediction found = young.get(key);
        return found != null ? found : old.get(key);
    }

    @Nullable
    Prediction remove(Object key) {
        Prediction removed = young.remove(key);
        return removed != null ? removed : old.remove(key);
    }

    @Nullable
    Prediction oldest() {
        if (size() == 0) {
            return null;
        }
        return (old.isEmpty() ? young : old).values().iterator().next();
    }

    /** Adds the youngest. What comes to be in the oldest eighth of the places is marked. */
    void add(Prediction prediction) {
        young.put(prediction.key, prediction);
        while (young.size() > places - last()) {
            Prediction oldest = young.values().iterator().next();
            young.remove(oldest.key);
            old.put(oldest.key, oldest);
            oldest.inLastPlaces = true;
        }
    }

    /** Somebody asked for a predicted key. */
    void cameTrue(Prediction prediction) {
        if (prediction.inLastPlaces) {
            score(1);
        }
    }

    /**
     * Somebody found a key in the rest of the cache, or one that came from the area just now.
     * @param maximumSize how many entries the cache may hold, predicted ones included
     */
    void foundElsewhere(long maximumSize) {
        score(-WORTH_OF_LAST * last() / Math.max(1, maximumSize - size()));
    }

    private void score(double change) {
        score += change;
        if (score >= ENOUGH) {
            places = Math.min(most, places + last());
            score = 0;
        } else if (score <= -ENOUGH) {
            places = Math.max(fewest(), places / 2);
            score = 0;
        }
    }

    private int last() {
        return Math.max(1, places / SHARE);
    }
}
