package io.tinyllm.cache.llm;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The wishes of one request to the cache, in the words of RFC 9111. Immutable.
 * @param noCache whether the model is to be asked whatever is stored
 * @param noStore whether the answer is not to be stored
 * @param onlyIfCached whether the model is not to be asked
 * @param maximumAgeSeconds how old a stored answer may be, null for any age
 * @param timeToLiveSeconds how long the answer is to be kept, null for as long as any of its cache
 */
public record CacheControl(
        boolean noCache,
        boolean noStore,
        boolean onlyIfCached,
        @Nullable Long maximumAgeSeconds,
        @Nullable Long timeToLiveSeconds) {

    /** Asks for nothing. */
    public static final CacheControl NONE = new CacheControl(false, false, false, null, null);

    private static final String ALLOWED = "no-cache, no-store, max-age=SECONDS, ttl=SECONDS and only-if-cached";

    /**
     * Reads directives.
     * @param directives a list of directives with commas between them, null or empty for none
     * @throws IllegalArgumentException for a directive that is not known, and says which are
     */
    public static CacheControl parse(@Nullable Object directives) {
        if (directives == null) {
            return NONE;
        }
        if (!(directives instanceof CharSequence)) {
            throw new IllegalArgumentException("The control of a cache is a text of directives, not a "
                    + directives.getClass().getName() + "; allowed are " + ALLOWED);
        }
        CacheControl control = NONE;
        for (String directive : directives.toString().split(",", -1)) {
            if (!directive.isBlank()) {
                control = control.with(directive.strip());
            }
        }
        return control;
    }

    private CacheControl with(String directive) {
        int equals = directive.indexOf('=');
        String name = (equals < 0 ? directive : directive.substring(0, equals))
                .strip()
                .toLowerCase(Locale.ROOT);
        String argument = equals < 0 ? null : directive.substring(equals + 1).strip();
        boolean plain = argument == null;
        if (plain && name.equals("no-cache")) {
            return new CacheControl(true, noStore, onlyIfCached, maximumAgeSeconds, timeToLiveSeconds);
        }
        if (plain && name.equals("no-store")) {
            return new CacheControl(noCache, true, onlyIfCached, maximumAgeSeconds, timeToLiveSeconds);
        }
        if (plain && name.equals("only-if-cached")) {
            return new CacheControl(noCache, noStore, true, maximumAgeSeconds, timeToLiveSeconds);
        }
        if (argument != null && name.equals("max-age")) {
            return new CacheControl(noCache, noStore, onlyIfCached, seconds(directive, argument), timeToLiveSeconds);
        }
        if (argument != null && name.equals("ttl")) {
            return new CacheControl(noCache, noStore, onlyIfCached, maximumAgeSeconds, seconds(directive, argument));
        }
        throw unknown(directive);
    }

    private static long seconds(String directive, String argument) {
        if (!argument.matches("[0-9]{1,10}")) {
            throw unknown(directive);
        }
        return Long.parseLong(argument);
    }

    private static IllegalArgumentException unknown(String directive) {
        return new IllegalArgumentException(
                "Unknown directive '" + directive + "' for the cache; allowed are " + ALLOWED);
    }
}
