package io.tinyllm.cache.llm;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Why an answer is returned to its caller and not stored. */
public enum NotStored {
    /** It ends before its end. */
    TRUNCATED,
    /** The provider held back parts of it. */
    FILTERED,
    /** It has neither text nor calls of tools. */
    EMPTY,
    /** It is no JSON where JSON was asked for. */
    NOT_JSON,
    /** There are several answers to choose from. */
    GENERATIONS,
    /** It has pictures, sound or the like. */
    MEDIA,
    /** It holds messages or properties of classes that cannot be made anew. */
    CONTENT,
    /** It calls tools, and such answers are not wanted. */
    TOOL_CALLS,
    /** It is larger than anything the cache keeps. */
    SIZE,
    /** A rule or its time-to-live keeps it out, or the key was changed while the model spoke. */
    NOT_KEPT;

    private static final Set<String> LENGTH =
            Set.of("length", "maxtokens", "modellength", "pauseturn", "modelcontextwindowexceeded");
    private static final Set<String> FILTERS = Set.of(
            "contentfilter",
            "contentfiltered",
            "refusal",
            "safety",
            "recitation",
            "blocklist",
            "prohibitedcontent",
            "spii",
            "guardrailintervened");

    /** As it is written in a status and in figures. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * The reason against storing an answer that its finish reason gives.
     * @param finishReason the reason in the provider's words, in any case, null for none
     * @return null where it says nothing against it
     */
    public static @Nullable NotStored because(@Nullable String finishReason) {
        if (finishReason == null || finishReason.isEmpty()) {
            return null;
        }
        String reason = finishReason.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
        return LENGTH.contains(reason) ? TRUNCATED : FILTERS.contains(reason) ? FILTERED : null;
    }
}
