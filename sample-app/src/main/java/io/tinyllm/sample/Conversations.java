package io.tinyllm.sample;

import io.tinyllm.cache.SessionResolver;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Knows which conversation the calling thread serves, for prefetching: prompts follow each other within a conversation,
 * not on a thread.
 */
@Component
class Conversations implements SessionResolver {

    private final ThreadLocal<@Nullable String> current = new ThreadLocal<>();

    /** The task as a part of a conversation, whatever thread it runs on. */
    <T> Callable<T> in(String conversation, Callable<T> task) {
        return () -> {
            current.set(conversation);
            try {
                return task.call();
            } finally {
                current.remove();
            }
        };
    }

    @Override
    public @Nullable Object currentSession() {
        return current.get();
    }
}
