package io.tinyllm.cache.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * News of what others change in one Redis, for the caches on it. They come from two kinds of sources: {@link
 * TrackingSource}, the server, and {@link PubSubSource}, the other JVMs. Both hand in Redis keys on the thread that
 * does the input, which the caches learn of on another. Bounded: where too many wait, everything counts as changed.
 * Thread-safe.
 */
final class ChangeFeed {

    private static final Log log = LogFactory.getLog(ChangeFeed.class);
    private static final int MOST_CHANGES = 10_000;
    private static final byte[] ALL = {};

    private final RedisKeys keys;
    private final SharedStores stores;
    private final RecentMisses misses;
    private final Executor executor;
    private final Runnable failures;
    private final AtomicBoolean told = new AtomicBoolean();
    private List<Change> changes = new ArrayList<>();
    private boolean telling;

    /**
     * Creates a feed without news.
     * @param keys the names of keys
     * @param stores the caches
     * @param misses the keys that this JVM has just not found
     * @param executor one thread, which tells the caches
     * @param failures counts a change that could not be told
     */
    ChangeFeed(RedisKeys keys, SharedStores stores, RecentMisses misses, Executor executor, Runnable failures) {
        this.keys = keys;
        this.stores = stores;
        this.misses = misses;
        this.executor = executor;
        this.failures = failures;
    }

    /** Takes note that every key has changed: the server has been emptied. */
    void allChanged() {
        changed(ALL);
    }

    /** Takes note that a Redis key has changed. */
    void changed(byte[] redisKey) {
        add(new Change(redisKey, false, false));
    }

    /** Takes note that a Redis key has changed, or that the server has found it expired. */
    void changedOrExpired(byte[] redisKey) {
        add(new Change(redisKey, true, misses.contains(redisKey)));
    }

    private void add(Change change) {
        synchronized (this) {
            if (changes.size() >= MOST_CHANGES) {
                changes.clear();
                changes.add(new Change(ALL, false, false));
            }
            changes.add(change);
            if (telling) {
                return;
            }
            telling = true;
        }
        try {
            executor.execute(this::tell);
        } catch (RejectedExecutionException e) {
            // Closing.
        }
    }

    private void tell() {
        while (true) {
            List<Change> batch;
            synchronized (this) {
                batch = changes;
                telling = !batch.isEmpty();
                if (!telling) {
                    return;
                }
                changes = new ArrayList<>();
            }
            batch.forEach(this::tellWhateverItThrows);
        }
    }

    /** One that cannot be told is not to end the telling of all others. */
    private void tellWhateverItThrows(Change change) {
        try {
            tell(change);
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        failures.run();
        if (!told.getAndSet(true)) {
            log.warn("A change in Redis could not be told to its cache ("
                    + failure.getClass().getName() + "); further ones are counted and not logged");
        }
    }

    private void tell(Change change) {
        if (change.redisKey.length == 0) {
            // Nothing is left of the generations either.
            stores.all().forEach(SharedStore::generationLost);
            stores.tags().catchUp();
            return;
        }
        stores.tags().changed(change.redisKey);
        RedisKeys.Parsed parsed = keys.parse(change.redisKey);
        SharedStore store = parsed == null ? null : stores.find(parsed.cache());
        if (parsed != null && store != null) {
            store.changed(parsed, isQuestion(change), executor, this::failed);
        }
    }

    /**
     * Returns whether the key may have been removed since this JVM asked for it. What comes from the server may be here
     * before it is noted that the key was not found, but a load begins only after that is noted, and is not to be
     * dismissed for it.
     */
    private boolean isQuestion(Change change) {
        return change.missed || change.mayHaveExpired && misses.contains(change.redisKey);
    }

    /**
     * A change by another.
     * @param redisKey the key, empty for all
     * @param mayHaveExpired whether the server may have found it expired
     * @param missed whether this JVM had just missed it when the news came
     */
    private record Change(byte[] redisKey, boolean mayHaveExpired, boolean missed) {}
}
