package io.tinyllm.cache.llm;

import org.jspecify.annotations.Nullable;

/** How a cache has handled a request, in the words of RFC 9211. */
public final class CacheStatus {

    private static final String CACHE = "tinyllm";

    private CacheStatus() {}

    /**
     * A stored answer served.
     * @param timeToLiveSeconds for how much longer it is fresh, negative for a stale one, null where it stays so for
     * ever
     */
    public static String hit(@Nullable Long timeToLiveSeconds) {
        return CACHE + "; hit" + (timeToLiveSeconds == null ? "" : "; ttl=" + timeToLiveSeconds);
    }

    /** The model asked, and its answer stored. */
    public static String stored() {
        return CACHE + "; fwd=miss; stored";
    }

    /**
     * The model asked, and its answer not stored.
     * @param why why not, null where the request did not want it stored
     */
    public static String notStored(@Nullable NotStored why) {
        return CACHE + "; fwd=miss" + (why == null ? "" : "; detail=" + why.text());
    }

    /** The call of another caller joined. */
    public static String collapsed() {
        return CACHE + "; fwd=miss; collapsed";
    }

    /** The model asked because the request wanted it to be. */
    public static String requested() {
        return CACHE + "; fwd=request";
    }

    /**
     * The cache left out.
     * @param why why
     */
    public static String bypassed(String why) {
        return CACHE + "; fwd=bypass; detail=" + why;
    }
}
