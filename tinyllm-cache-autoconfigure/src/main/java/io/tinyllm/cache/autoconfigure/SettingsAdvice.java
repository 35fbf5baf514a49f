package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Settings that are valid one by one and have no effect together, each with a remedy. */
final class SettingsAdvice {

    private final Predicate<String> loadable;

    /**
     * Creates it.
     * @param loadable whether what is missing in a cache of that name can be loaded without a caller
     */
    SettingsAdvice(Predicate<String> loadable) {
        this.loadable = loadable;
    }

    /** Returns what there is to say, in sentences that name no cache. */
    List<String> of(String name, CacheSettings settings) {
        List<String> advice = new ArrayList<>();
        boolean expires = !settings.getTimeToLive().isZero();
        boolean memory = settings.getMemory().isEnabled();
        boolean redis = settings.getRedis().isEnabled();
        if (!expires) {
            if (settings.getRefreshAhead() > 0) {
                advice.add("refresh-ahead has no effect, since entries never expire: set time-to-live");
            }
            if (isSet(settings.getStaleIfError()) || isSet(settings.getStaleWhileRevalidate())) {
                advice.add("the stale windows have no effect, since entries never expire: set time-to-live");
            }
            if (settings.getTimeToLiveJitter() > 0) {
                advice.add("time-to-live-jitter has no effect, since entries never expire: set time-to-live");
            }
        } else if (isSet(settings.getStaleIfError()) || isSet(settings.getStaleWhileRevalidate())) {
            Duration kept = settings.getRedis().getTimeToLive();
            if (!memory) {
                advice.add("the stale windows have no effect, since expired entries are served from memory only:"
                        + " set memory.enabled to true");
            } else if (redis
                    && !settings.getSnapshot().isEnabled()
                    && (kept == null || kept.compareTo(settings.getTimeToLive()) <= 0)) {
                advice.add("expired entries are served from memory only, not from Redis: an instance that has just"
                        + " started has nothing stale to serve; set snapshot.enabled to true, and it has");
            }
        }
        if (isSet(settings.getStaleWhileRevalidateWait()) && !isSet(settings.getStaleWhileRevalidate())) {
            advice.add("stale-while-revalidate-wait has no effect without stale-while-revalidate: set that to how long"
                    + " an expired entry may be served");
        }
        if (!memory && settings.getRefreshAhead() > 0) {
            advice.add("refresh-ahead has no effect on a cache without memory: set memory.enabled to true");
        }
        if (!memory && settings.getSnapshot().isEnabled()) {
            advice.add("snapshot.enabled has no effect on a cache without memory: set memory.enabled to true");
        }
        if (!redis && settings.getRedis().isSingleFlight()) {
            advice.add("redis.single-flight has no effect without Redis: set redis.enabled to true");
        }
        if (!redis && settings.getReplication().isEnabled()) {
            advice.add("replication.enabled has no effect without Redis: set redis.enabled to true");
        }
        if (settings.getPrefetch().isEnabled() && !redis && !loadable.test(name)) {
            advice.add("there is nothing to prefetch from: cache a method in it, define a CacheLoader bean for it,"
                    + " or set redis.enabled to true");
        }
        return advice;
    }

    private static boolean isSet(Duration window) {
        return !window.isZero();
    }
}
