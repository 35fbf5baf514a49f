package io.tinyllm.cache.springai;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import java.time.Duration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Gives the cache of answers a time to wait for loads that fits models, as the first of the customizers. */
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class AnswerLoadTimeout implements CacheCustomizer {

    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    private final String cacheName;

    /**
     * Creates it.
     * @param cacheName the cache of answers, whose properties do not say how long
     */
    public AnswerLoadTimeout(String cacheName) {
        this.cacheName = cacheName;
    }

    @Override
    public void customize(String name, CacheSettings settings) {
        if (name.equals(cacheName)) {
            settings.setLoadTimeout(TIMEOUT);
        }
    }
}
