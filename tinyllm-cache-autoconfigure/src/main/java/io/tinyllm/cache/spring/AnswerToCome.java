package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Ends a walk through the caches of a method whose thread must not be kept: one of them has no answer yet. The walk is
 * done again when it has.
 */
final class AnswerToCome extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient TieredCache cache;
    private final transient Object key;
    private final transient CompletableFuture<@Nullable CacheEntry> answer;

    AnswerToCome(TieredCache cache, Object key, CompletableFuture<@Nullable CacheEntry> answer) {
        super("Cache '" + cache.name() + "' has no answer yet", null, false, false);
        this.cache = cache;
        this.key = key;
        this.answer = answer;
    }

    TieredCache cache() {
        return cache;
    }

    Object key() {
        return key;
    }

    CompletableFuture<@Nullable CacheEntry> answer() {
        return answer;
    }
}
