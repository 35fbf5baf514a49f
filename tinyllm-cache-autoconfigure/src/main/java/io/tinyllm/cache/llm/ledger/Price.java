package io.tinyllm.cache.llm.ledger;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * The price of the tokens of a model. Immutable. Sums are exact: in units of 10^-12 of the currency, whole numbers.
 *
 * @param input of a token that the model reads
 * @param output of a token that it writes
 * @param cachedInput of a token that it reads from the provider's own cache
 * @param cacheWrite of a token that it reads and that the provider caches
 * @param cachedInputIncluded whether the provider counts tokens of its cache among those that the model reads
 */
public record Price(
        BigInteger input,
        BigInteger output,
        BigInteger cachedInput,
        BigInteger cacheWrite,
        boolean cachedInputIncluded) {

    /** How many of the units in which prices are kept make one of the currency, as a power of ten. */
    public static final int SCALE = 12;

    /** A price for each token, in units of 10^-12, is a million times the price for a million of them. */
    private static final int MILLION = 6;

    /** Costs nothing, and counts as most providers do. */
    static final Price NONE = new Price(BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, true);

    /**
     * A price.
     * @param input for a million tokens that the model reads
     * @param output for a million tokens that it writes
     * @param cachedInput for a million tokens that it reads from the provider's cache
     * @param cacheWrite for a million tokens that the provider caches
     * @param cachedInputIncluded whether tokens of the provider's cache are among those that the model reads
     */
    public static Price perMillion(
            BigDecimal input,
            BigDecimal output,
            BigDecimal cachedInput,
            BigDecimal cacheWrite,
            boolean cachedInputIncluded) {
        return new Price(
                perToken(input), perToken(output), perToken(cachedInput), perToken(cacheWrite), cachedInputIncluded);
    }

    private static BigInteger perToken(BigDecimal perMillion) {
        return perMillion
                .movePointRight(SCALE - MILLION)
                .setScale(0, RoundingMode.HALF_UP)
                .toBigInteger();
    }

    /** The cost of an answer of so many tokens. */
    BigInteger of(Consumption consumed) {
        return times(input, consumed.plainInputTokens())
                .add(times(cachedInput, consumed.cachedInputTokens()))
                .add(times(cacheWrite, consumed.cacheWrittenTokens()))
                .add(times(output, consumed.outputTokens()));
    }

    private static BigInteger times(BigInteger price, long tokens) {
        return price.multiply(BigInteger.valueOf(tokens));
    }
}
