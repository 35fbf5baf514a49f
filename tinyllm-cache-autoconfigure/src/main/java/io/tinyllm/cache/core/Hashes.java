package io.tinyllm.cache.core;

/** Spreads hash codes, whose own bits may be of little use: small numbers, multiples of a power of two. */
public final class Hashes {

    /** 2 to the 32, divided by the golden ratio: Fibonacci hashing, of Knuth's The Art of Computer Programming, 6.4. */
    private static final int GOLDEN = 0x9E3779B9;

    private Hashes() {}

    /**
     * Returns the stripe, of 2 to the power of {@code bits}, that something belongs to.
     * @param hash its hash code
     * @param bits from 1 to 31
     */
    public static int stripe(int hash, int bits) {
        return hash * GOLDEN >>> Integer.SIZE - bits;
    }
}
