package io.tinyllm.cache.tags;

import org.jspecify.annotations.Nullable;

/**
 * The target of an eviction.
 *
 * @param cache the cache, null for all of them
 * @param tag the tag
 */
record Target(@Nullable String cache, String tag) {

    /** The longest tag, in characters. */
    private static final int LONGEST = 256;

    /** Returns whether a text may be a tag. */
    static boolean isTag(@Nullable String tag) {
        return tag != null && !tag.isEmpty() && tag.length() <= LONGEST;
    }

    /** Returns a tag that was checked. */
    static String checked(@Nullable String tag) {
        if (tag == null || !isTag(tag)) {
            throw new IllegalArgumentException(
                    tag == null || tag.isEmpty()
                            ? "A tag is empty; it has 1 to " + LONGEST + " characters"
                            : "A tag has " + tag.length() + " characters; it has 1 to " + LONGEST);
        }
        return tag;
    }

    /** Returns the text that JVMs tell each other: the length of the cache's name, that name, and the tag. */
    String text() {
        return cache == null ? "*:" + tag : cache.length() + ":" + cache + tag;
    }

    /** Reads such a text; null where it is none. */
    static @Nullable Target parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return null;
        }
        String rest = text.substring(colon + 1);
        if (text.startsWith("*")) {
            return isTag(rest) ? new Target(null, rest) : null;
        }
        try {
            int length = Integer.parseInt(text.substring(0, colon));
            String tag = rest.substring(length);
            return isTag(tag) ? new Target(rest.substring(0, length), tag) : null;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return null;
        }
    }
}
