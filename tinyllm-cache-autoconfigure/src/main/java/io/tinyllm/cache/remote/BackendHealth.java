package io.tinyllm.cache.remote;

import java.util.Map;

/**
 * The state of a backend of remote tiers.
 * @param name its name, such as {@code primary}
 * @param address where it is, such as {@code localhost:6379}, without credentials; empty where that is not known
 * @param state whether it is used
 * @param detail how the connection stands, in a few words, with the cause where there is none
 * @param inFlight operations under way
 * @param errors what went wrong so far, by reason
 */
public record BackendHealth(
        String name, String address, State state, String detail, int inFlight, Map<String, Long> errors) {

    /** Whether a backend is used. */
    public enum State {
        /** It answers. */
        UP,
        /** There is no connection. */
        DISCONNECTED,
        /** It answers, and refuses commands that the caches need. */
        REFUSING,
        /** It fails, and is left alone but for a probe every second. */
        BREAKER_OPEN
    }
}
