package io.tinyllm.cache.ttl;

/**
 * The logarithmic scale that gaps between accesses are counted on: {@value #COUNT} bins, eight an octave, the last of
 * which ends at the horizon. Immutable, and cheap enough for the read path.
 */
final class GapBins {

    static final int COUNT = 80;
    static final int LAST = COUNT - 1;
    private static final int SUB_BITS = 3;
    private static final int SUB_MASK = (1 << SUB_BITS) - 1;

    private final long horizon;
    private final int base;

    GapBins(long horizonNanos) {
        this.horizon = horizonNanos;
        this.base = index(horizonNanos - 1) - LAST;
    }

    long horizon() {
        return horizon;
    }

    /** The bin that a gap falls into; the last one for the horizon and beyond. */
    int of(long gapNanos) {
        return Math.max(0, Math.min(LAST, index(gapNanos) - base));
    }

    /** The gap that ends a bin, in nanoseconds. */
    long upper(int bin) {
        return bin >= LAST ? horizon : edge(bin + 1 + base);
    }

    long width(int bin) {
        return upper(bin) - (bin == 0 ? 0 : upper(bin - 1));
    }

    private static int index(long value) {
        long v = Math.max(1L << SUB_BITS, value);
        int log = 63 - Long.numberOfLeadingZeros(v);
        return log << SUB_BITS | (int) (v >>> (log - SUB_BITS)) & SUB_MASK;
    }

    private static long edge(int index) {
        int log = index >> SUB_BITS;
        return log < SUB_BITS ? 1 : (1L << SUB_BITS | index & SUB_MASK) << (log - SUB_BITS);
    }
}
