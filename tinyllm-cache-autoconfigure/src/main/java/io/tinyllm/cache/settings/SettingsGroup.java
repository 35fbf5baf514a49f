package io.tinyllm.cache.settings;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings that can be changed until they are frozen. Safe to share between threads once frozen. */
public abstract class SettingsGroup {

    private static final Duration LONGEST = Duration.ofDays(36_500);

    private boolean frozen;

    /** Makes every later change throw {@link IllegalStateException}. */
    public void freeze() {
        frozen = true;
        groups().forEach(SettingsGroup::freeze);
    }

    /** Fails if a setting makes no sense. */
    public abstract void validate(String path);

    /** The groups inside this one. */
    protected List<SettingsGroup> groups() {
        return List.of();
    }

    protected final void checkMutable() {
        if (frozen) {
            throw new IllegalStateException(
                    "The settings of a cache are fixed once it exists; change them in the properties or in a "
                            + "CacheCustomizer bean");
        }
    }

    protected static void checkNotNegative(String path, String name, Duration value) {
        if (value.isNegative()) {
            throw new InvalidCacheSettingException(
                    path + "." + name, plain(value), "zero or a positive duration", "Use a value such as 10m.");
        }
        checkNotTooLong(path, name, value);
    }

    protected static void checkPositive(String path, String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new InvalidCacheSettingException(
                    path + "." + name, plain(value), "a positive duration", "Use a value such as 30s.");
        }
        checkNotTooLong(path, name, value);
    }

    /** Clocks count nanoseconds in 64 bits, and so do those that add a few of these. */
    private static void checkNotTooLong(String path, String name, Duration value) {
        if (value.compareTo(LONGEST) > 0) {
            throw new InvalidCacheSettingException(
                    path + "." + name,
                    plain(value),
                    "a duration of at most " + LONGEST.toDays() + "d",
                    "Use a shorter one.");
        }
    }

    protected static void checkRange(String path, String name, double value, double minimum, double maximum) {
        // Written so that NaN fails too.
        if (!(value >= minimum && value <= maximum)) {
            throw new InvalidCacheSettingException(
                    path + "." + name,
                    value,
                    "a number from " + plain(minimum) + " to " + plain(maximum),
                    "Choose a number in that range.");
        }
    }

    protected static void checkRange(String path, String name, long value, long minimum, long maximum) {
        if (value < minimum || value > maximum) {
            throw new InvalidCacheSettingException(
                    path + "." + name,
                    value,
                    "a whole number from " + minimum + (maximum == Long.MAX_VALUE ? " up" : " to " + maximum),
                    "Choose a number in that range.");
        }
    }

    protected static void checkText(String path, String name, String value, String example) {
        if (value == null || value.isEmpty()) {
            throw new InvalidCacheSettingException(
                    path + "." + name, value, "any text but an empty one", "Use a value such as " + example + ".");
        }
    }

    protected static <T> T checkSet(String path, String name, @Nullable T value, String example) {
        if (value == null) {
            throw new InvalidCacheSettingException(
                    path + "." + name, null, "any value but an empty one", "Use a value such as " + example + ".");
        }
        return value;
    }

    /** As it is written in properties. */
    private static String plain(Duration value) {
        return value.getNano() == 0 ? value.getSeconds() + "s" : value.toMillis() + "ms";
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
