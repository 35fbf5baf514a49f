package io.tinyllm.cache.tuning.share;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.MemoryTier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A simulation of equal shares, to judge a division by: for each who has a share, a tier in miniature that
 * holds a sample of the keys, with the eviction of a real one. What it answers of these keys is compared with what the
 * real tier answered of the same. Not thread-safe; about 100 KB for each share.
 */
final class EqualSplit {

    /** A miniature has between so many places and twice as many, where the share itself has. */
    private static final int PLACES = 512;

    /** A miniature is made anew where the share has become so much larger or smaller. */
    private static final double OTHER = 1.25;

    private static final CacheEntry PRESENT =
            CacheEntry.Factory.PLAIN.create(null, 0, CacheEntry.NEVER, CacheEntry.Policy.NONE);

    private final List<Miniature> miniatures = new ArrayList<>();

    /**
     * Adds one who has a share.
     * @param tiers makes an empty tier of so many entries
     */
    void add(LongFunction<MemoryTier> tiers) {
        miniatures.add(new Miniature(tiers));
    }

    /**
     * Says how many entries an equal share holds.
     * @param index whose share
     * @param entries how many
     */
    void resize(int index, double entries) {
        miniatures.get(index).resize(entries);
    }

    /**
     * Sees a request.
     * @param index whose
     * @param hash a well-mixed hash of its key
     * @param hit whether the real tier answered it
     */
    void record(int index, long hash, boolean hit) {
        miniatures.get(index).record(hash, hit);
    }

    /** Sees that a key was evicted by hand. */
    void remove(int index, long hash) {
        miniatures.get(index).remove(hash);
    }

    /**
     * Ends an interval: how much higher the hit rate of an equal share would have been in it, negative where it would
     * have been lower; 0 where that is not known.
     */
    double better(int index) {
        return miniatures.get(index).better();
    }

    private static final class Miniature {

        private final LongFunction<MemoryTier> tiers;
        private @Nullable MemoryTier tier;
        private double size;
        private long mask;
        private long requests;
        private long hits;
        private long hitsHere;

        Miniature(LongFunction<MemoryTier> tiers) {
            this.tiers = tiers;
        }

        void resize(double entries) {
            if (tier != null && entries < size * OTHER && entries > size / OTHER) {
                return;
            }
            size = Math.max(1, entries);
            int halvings = 0;
            while (size / (1L << halvings) >= 2 * PLACES) {
                halvings++;
            }
            mask = (1L << halvings) - 1;
            tier = tiers.apply(Math.max(1, Math.round(size / (1L << halvings))));
            requests = 0;
            hits = 0;
            hitsHere = 0;
        }

        void record(long hash, boolean hit) {
            MemoryTier here = tier;
            if (here == null || (hash & mask) != 0) {
                return;
            }
            requests++;
            hits += hit ? 1 : 0;
            if (here.get(hash) != null) {
                hitsHere++;
            } else {
                here.put(hash, PRESENT);
            }
        }

        void remove(long hash) {
            if (tier != null && (hash & mask) == 0) {
                tier.remove(hash);
            }
        }

        double better() {
            double better = requests == 0 ? 0 : (double) (hitsHere - hits) / requests;
            requests = 0;
            hits = 0;
            hitsHere = 0;
            return better;
        }
    }
}
