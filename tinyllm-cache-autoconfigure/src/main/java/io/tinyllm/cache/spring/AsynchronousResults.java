package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.port.CacheEntry;
import java.util.concurrent.CompletableFuture;

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
}
