package io.tinyllm.cache.springai;

import io.tinyllm.cache.BypassRule;
import org.jspecify.annotations.Nullable;

/** Keeps out of every cache what is an answer for its callers only. */
public final class UnstoredAnswers implements BypassRule {

    /** Creates the rule. */
    public UnstoredAnswers() {}

    @Override
    public boolean bypass(String cacheName, Object key, @Nullable Object value) {
        return value instanceof UnstoredAnswer;
    }
}
