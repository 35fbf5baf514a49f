package io.tinyllm.cache.ttl;

/** The spreading of hashes and the size of tables of keys. */
final class BoundedTables {

    private static final int SLOTS_PER_ENTRY = 4;
    private static final int FEWEST = 1 << 12;
    private static final int MOST = 1 << 18;

    private BoundedTables() {}

    /** Spreads a hash so that all of its bits are of use. */
    static long spread(long hash) {
        long h = (hash ^ (hash >>> 32)) * 0x9E3779B97F4A7C15L;
        h = (h ^ (h >>> 29)) * 0xBF58476D1CE4E5B9L;
        return h ^ (h >>> 32);
    }

    /**
     * The slots for a cache of so many entries, a power of two: more than entries, since keys are remembered when they
     * are gone.
     */
    static int slots(long maximumSize) {
        long wanted = Math.max(FEWEST, Math.min(MOST, SLOTS_PER_ENTRY * Math.min(maximumSize, MOST)));
        return (int) (Long.highestOneBit(wanted - 1) << 1);
    }
}
