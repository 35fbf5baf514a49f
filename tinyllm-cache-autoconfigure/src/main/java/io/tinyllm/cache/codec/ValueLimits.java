package io.tinyllm.cache.codec;

/**
 * The limits of a stored value, so that it does not overwhelm its reader; they hold on writing as well as on reading.
 *
 * @param depth levels of nesting of the JSON; an object takes up to three
 * @param textLength characters of one text
 * @param documentLength bytes of the JSON of one value
 */
public record ValueLimits(int depth, int textLength, int documentLength) {

    /** 900 levels of JSON, which are 450 objects within each other, 20 million characters and 64 MiB. */
    public static final ValueLimits DEFAULT = new ValueLimits(900, 20_000_000, 64 << 20);

    public ValueLimits {
        if (depth < 1 || textLength < 1 || documentLength < 1) {
            throw new IllegalArgumentException("Limits are positive");
        }
    }
}
