package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.core.port.Tracing;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A shared tier whose operations are traced. Thread-safe. */
final class TracedRemoteTier implements RemoteTier {

    private final RemoteTier tier;
    private final Tracing tracing;
    private final String cacheName;

    private TracedRemoteTier(RemoteTier tier, Tracing tracing, String cacheName) {
        this.tier = tier;
        this.tracing = tracing;
        this.cacheName = cacheName;
    }

    /** Returns the tier, traced where there is something to trace and something that traces. */
    static RemoteTier of(RemoteTier tier, Tracing tracing, String cacheName) {
        return tier.exists() && tracing.exists() ? new TracedRemoteTier(tier, tracing, cacheName) : tier;
    }

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        return trace("get", () -> tier.get(key));
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        Write write = tier.prepare(key, value, ttlNanos);
        return () -> trace("put", write::send);
    }

    @Override
    public Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        Write write = tier.prepareLoaded(key, value, ttlNanos);
        return () -> trace("put", write::send);
    }

    @Override
    public CompletableFuture<?> removeLoaded(Object key) {
        return trace("remove", () -> tier.removeLoaded(key));
    }

    @Override
    public void heldHere(Object key) {
        tier.heldHere(key);
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        return trace("remove", () -> tier.remove(key));
    }

    @Override
    public CompletableFuture<?> clear() {
        return trace("clear", tier::clear);
    }

    @Override
    public void onInvalidation(InvalidationListener listener) {
        tier.onInvalidation(listener);
    }

    @Override
    public boolean isUsable() {
        return tier.isUsable();
    }

    private <F extends CompletableFuture<?>> F trace(String operation, Supplier<F> begin) {
        Tracing.Span span = tracing.start(operation, cacheName);
        F future;
        try (Scope scope = span.enter()) {
            future = begin.get();
        } catch (Throwable e) {
            span.end(e);
            throw e;
        }
        future.whenComplete((value, failure) -> span.end(failure == null ? null : Failures.unwrap(failure)));
        return future;
    }
}
