package io.tinyllm.cache.actuate;

import org.jspecify.annotations.Nullable;

/** Figures of a cache that holds answers of language models. Thread-safe. */
@FunctionalInterface
public interface AnswersReport {

    /**
     * The figures of a cache.
     * @param cacheName its name
     * @return a value of the JDK's types and records, null where the cache holds no answers
     */
    @Nullable
    Object of(String cacheName);
}
