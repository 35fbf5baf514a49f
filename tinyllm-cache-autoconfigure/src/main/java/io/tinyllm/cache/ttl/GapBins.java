package io.tinyllm.cache.ttl;

/**
 * The logarithmic scale on which gaps between accesses are counted: eight bins an octave, {@value #COUNT} of them, the last one
 * ends at the horizon. Immutable; cheap enough for the read path.
 */
final class GapBins {

    static final int COUNT = 80;
    static final int LAST = COUNT - 1;
    private static final int SUB_BITS = 3;

    private final long horizon;
    private final int base;

    GapBins(long horizon) {
        this.horizon = horizon;
        this.base = index(horizon - 1) - LAST;
    }

    /** The bin that a gap falls into; the last one for the horizon and beyond. */
    int of(long gap) {
        return Math.max(0, Math.min(LAST, index(gap) - base));
    }

    /** The gap that ends a bin. */
    long upper(int bin) {
        return bin >= LAST ? horizon : edge(bin + 1 + base);
    }

    double width(int bin) {
        return upper(bin) - (bin == 0 ? 0 : upper(bin - 1));
    }

    private static int index(long value) {
        long v = Math.max(1L << SUB_BITS, value);
        int log = 63 - Long.numberOfLeadingZeros(v);
        return log << SUB_BITS | (int) (v >>> (log - SUB_BITS)) & ((1 << SUB_BITS) - 1);
    }

    private static long edge(int index) {
        int log = index >> SUB_BITS;
        return log < SUB_BITS ? 1 : (1L << SUB_BITS | index & ((1 << SUB_BITS) - 1)) << (log - SUB_BITS);
    }
}
