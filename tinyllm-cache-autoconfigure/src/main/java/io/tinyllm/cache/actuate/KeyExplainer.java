package io.tinyllm.cache.actuate;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.analytics.KeyNames;
import io.tinyllm.cache.core.KeyState;
import io.tinyllm.cache.core.KeyState.RemoteState;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.List;
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
                            "type", "about:blank",
                            "title", "Forbidden",
                            "status", FORBIDDEN,
                            "detail", "A key is explained only where keys are shown as text:"
                                    + " set tinyllm.cache.analytics.show-keys to plain."),
                    FORBIDDEN,
                    PROBLEM);
        }
        Object key = find(cache, text, learnt);
        return new WebEndpointResponse<>(describe(
                text, cache.inspect(key), learnt == null ? null : learnt.loadMillis(key)));
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

    private static KeyDescriptor describe(String text, KeyState known, @Nullable Double loadMillis) {
        return new KeyDescriptor(
                text,
                known.state().name().toLowerCase(Locale.ROOT),
                tier(known.answeredBy()),
                seconds(known.ageNanos()),
                seconds(known.remainingNanos()),
                known.lifeNanos() == null
                        ? null
                        : new TimeToLiveDescriptor(
                                known.lifeNanos() == CacheEntry.NEVER ? 0 : known.lifeNanos() / 1e9, known.because()),
                seconds(known.idleNanos()),
                loadMillis,
                known.bypassedBy(),
                List.of(),
                known.hasRemote() ? redis(known.remote()) : null,
                known.hasStore() ? new StoreDescriptor(known.dirty()) : null);
    }

    private static RedisDescriptor redis(@Nullable RemoteState remote) {
        return new RedisDescriptor(remote != null, remote == null ? null : seconds(remote.remainingNanos()));
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

    /**
     * What is known of a key. What is not known, or makes no sense in its state, is absent.
     * @param state bypassed, dirty, negative, fresh, stale, loading, staged or absent
     * @param tier where a read would find an answer: memory, redis, replica, store or none
     * @param ageSeconds how long ago its entry was written
     * @param remainingSeconds how long it stays fresh; below zero for a stale one
     * @param timeToLive what its entry was given, and why
     * @param idleSeconds how long ago it was last served
     * @param loadedInMillis how long its latest load took, as far as that is remembered
     * @param bypassedBy the pattern or the name of the rule that keeps it away
     * @param tags the tags of its entry
     * @param redis what Redis has of it, absent where it was not asked or does not answer
     * @param store whether the store is behind, absent without a store
     */
    record KeyDescriptor(
            String key,
            String state,
            String tier,
            @Nullable Double ageSeconds,
            @Nullable Double remainingSeconds,
            @Nullable TimeToLiveDescriptor timeToLive,
            @Nullable Double idleSeconds,
            @Nullable Double loadedInMillis,
            @Nullable String bypassedBy,
            List<String> tags,
            @Nullable RedisDescriptor redis,
            @Nullable StoreDescriptor store) {}

    /** A time-to-live, zero for ever, and why it is so. */
    record TimeToLiveDescriptor(double seconds, @Nullable String because) {}

    /** What Redis has of a key. */
    record RedisDescriptor(boolean present, @Nullable Double remainingSeconds) {}

    /** Whether a write of a key has not reached the store. */
    record StoreDescriptor(boolean dirty) {}
}
