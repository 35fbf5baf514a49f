package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Ends the loads of methods that return a future. */
final class AsynchronousResults {

    private AsynchronousResults() {}

    /**
     * Ends the loads of an invocation when its future does.
     * @param cacheable the invocation
     * @param future what Spring answers, which puts first what is to be cached
     * @return the future for the caller
     */
    static CompletableFuture<?> end(CacheableInvocation cacheable, CompletableFuture<?> future) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        future.whenComplete((value, failure) -> {
            if (failure == null) {
                cacheable.returned(value);
                cacheable.end();
                answer.complete(value);
                return;
            }
            Throwable cause = Failures.unwrap(failure);
            cause = cause instanceof LoadFailedException failed ? failed.failure() : cause;
            CacheEntry stale = cacheable.failed(cause);
            if (stale == null) {
                answer.completeExceptionally(cause);
            } else {
                answer.complete(stale.value());
            }
        });
        return answer;
    }

    /**
     * A value as an asynchronous method would return it.
     * @param value the value, may be null; for a publisher of many, all of them
     * @param type the return type of the method
     */
    static Object of(@Nullable Object value, Class<?> type) {
        CompletableFuture<Object> future = CompletableFuture.completedFuture(value);
        return CompletableFuture.class.isAssignableFrom(type) ? future : ReactiveResults.of(value, type);
    }
}
