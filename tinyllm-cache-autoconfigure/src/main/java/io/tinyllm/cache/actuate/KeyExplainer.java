package io.tinyllm.cache.actuate;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.analytics.keys.KeyNames;
import io.tinyllm.cache.core.KeyState;
import io.tinyllm.cache.core.KeyState.RemoteState;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.util.MimeType;

/** Tells of one key what is known of it, and why; never its value. Thread-safe. */
final class KeyExplainer {

    private static final MimeType PROBLEM = new MimeType("application", "problem+json");
    private static final int FORBIDDEN = 403;

    private final KeyNames keyNames;

    KeyExplainer(KeyNames keyNames) {
        this.keyNames = keyNames;
    }

    /**
     * Explains a key.
     * @param cache the cache
     * @param text the text of the key
     * @param learnt what is known of the traffic of the cache, null for nothing
     */
    WebEndpointResponse<?> explain(TieredCache cache, String text, @Nullable CacheAnalytics learnt) {
        if (!keyNames.isPlain()) {
            return new WebEndpointResponse<>(
                    Map.of(
                            "type",
                            "about:blank",
                            "title",
                            "Forbidden",
                            "status",
                            FORBIDDEN,
                            "detail",
                            "A key is explained only where keys are shown as text:"
                                    + " set tinyllm.cache.analytics.show-keys to plain."),
                    FORBIDDEN,
                    PROBLEM);
        }
        Object key = find(cache, text, learnt);
        return new WebEndpointResponse<>(
                describe(text, cache.inspect(key), learnt == null ? null : learnt.loadMillis(key)));
    }

    /** A text is a key itself, if anything is known of it; else it may be that of another key. */
    private static Object find(TieredCache cache, String text, @Nullable CacheAnalytics learnt) {
        if (cache.knows(text)) {
            return text;
        }
        Predicate<Object> wanted = key -> KeyNames.isTextOf(text, key);
        Object found = cache.findKey(wanted);
        if (found == null && learnt != null) {
            found = Stream.concat(
                            learnt.hotKeys().stream().map(hot -> hot.key()),
                            learnt.coldKeys().stream().map(cold -> cold.key()))
                    .filter(wanted)
                    .findFirst()
                    .orElse(null);
        }
        return found == null ? text : found;
    }

    /** A map, since how an application writes null is its own business: what is not known is absent. */
    private static Map<String, Object> describe(String text, KeyState known, @Nullable Double loadMillis) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("key", text);
        told.put("state", known.state().name().toLowerCase(Locale.ROOT));
        told.put("tier", tier(known.answeredBy()));
        tell(told, "ageSeconds", seconds(known.ageNanos()));
        tell(told, "remainingSeconds", seconds(known.remainingNanos()));
        tell(told, "timeToLive", timeToLive(known));
        tell(told, "idleSeconds", seconds(known.idleNanos()));
        tell(told, "loadedInMillis", loadMillis);
        tell(told, "bypassedBy", known.bypassedBy());
        told.put("tags", known.tags());
        tell(told, "evictedByTag", known.evictedBy());
        if (known.hasRemote()) {
            told.put("redis", redis(known.remote()));
        }
        if (known.hasStore()) {
            told.put("store", Map.of("dirty", known.dirty()));
        }
        return told;
    }

    private static void tell(Map<String, Object> told, String name, @Nullable Object value) {
        if (value != null) {
            told.put(name, value);
        }
    }

    /** Zero seconds are for ever. */
    private static @Nullable Object timeToLive(KeyState known) {
        Long life = known.lifeNanos();
        if (life == null) {
            return null;
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("seconds", life == CacheEntry.NEVER ? 0 : life / 1e9);
        tell(told, "because", known.because());
        return told;
    }

    private static Map<String, Object> redis(@Nullable RemoteState remote) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("present", remote != null);
        tell(told, "remainingSeconds", remote == null ? null : seconds(remote.remainingNanos()));
        return told;
    }

    private static String tier(@Nullable Outcome answeredBy) {
        if (answeredBy == null) {
            return "none";
        }
        return switch (answeredBy) {
            case REMOTE_HIT -> "redis";
            case REPLICA_HIT -> "replica";
            case STORE_HIT -> "store";
            default -> "memory";
        };
    }

    private static @Nullable Double seconds(@Nullable Long nanos) {
        return nanos == null ? null : (Double) (nanos / 1e9);
    }
}
