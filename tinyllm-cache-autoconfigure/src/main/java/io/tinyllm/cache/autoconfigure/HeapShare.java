package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.settings.InvalidCacheSettingException;
import org.springframework.util.unit.DataSize;

/** A setting that is a size, such as {@code 64MB}, or a share of the heap, such as {@code 10%}. */
final class HeapShare {

    private HeapShare() {}

    /**
     * The bytes that a setting stands for.
     *
     * @param property the name of the property, for messages
     * @param setting its value
     * @param heap the most bytes that the heap may take
     * @throws InvalidCacheSettingException if it is neither, or not positive
     */
    static long bytes(String property, String setting, long heap) {
        try {
            String text = setting.trim();
            double share = text.endsWith("%") ? Double.parseDouble(text.substring(0, text.length() - 1)) : 0;
            long bytes = text.endsWith("%")
                    ? (long) (heap * share / 100)
                    : DataSize.parse(text).toBytes();
            if (bytes > 0 && share <= 100) {
                return bytes;
            }
        } catch (IllegalArgumentException refusedBelow) {
            // as any other value out of range
        }
        throw new InvalidCacheSettingException(
                property,
                setting,
                "a positive size, or a share of the heap of at most 100%",
                "Use a value such as 64MB or 10%.");
    }
}
