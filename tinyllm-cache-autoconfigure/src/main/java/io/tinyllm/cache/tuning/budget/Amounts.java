package io.tinyllm.cache.tuning.budget;

import java.util.Locale;

/** Amounts in words for a person. */
final class Amounts {

    private static final double KILO = 1024;

    private Amounts() {}

    /** Seconds as {@code 41 s}, {@code 1.4 s} or {@code 70 ms}. */
    static String seconds(double seconds) {
        if (seconds >= 9.95) {
            return text("%.0f s", seconds);
        }
        return seconds >= 0.0995 ? text("%.1f s", seconds) : text("%.0f ms", seconds * 1000);
    }

    /** An amount of memory as {@code 20 MB}, or of entries as {@code 1200 entries}. */
    static String memory(long amount, boolean bytes) {
        if (!bytes) {
            return amount == 1 ? "1 entry" : amount + " entries";
        }
        if (amount < KILO) {
            return amount + " bytes";
        }
        double kilo = amount / KILO;
        double mega = kilo / KILO;
        if (mega < 1) {
            return text("%.0f KB", kilo);
        }
        return mega < 9.95 ? text("%.1f MB", mega) : text("%.0f MB", mega);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
