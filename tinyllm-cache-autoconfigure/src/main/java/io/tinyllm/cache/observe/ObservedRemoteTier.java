package io.tinyllm.cache.observe;

import io.micrometer.observation.Observation;
import io.tinyllm.cache.core.Failures;
import io.tinyllm.cache.core.port.RemoteTier;
import io.tinyllm.cache.core.port.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A shared tier whose operations are observed, as far as it is to be asked at all. Thread-safe. */
final class ObservedRemoteTier implements RemoteTier {

    private final RemoteTier tier;
    private final Observations observations;
    private final String cacheName;

    ObservedRemoteTier(RemoteTier tier, Observations observations, String cacheName) {
        this.tier = tier;
        this.observations = observations;
        this.cacheName = cacheName;
    }

    @Override
    public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
        return observed("get", found -> found == null ? "miss" : "hit", () -> tier.get(key));
    }

    @Override
    public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
        return observed(tier.prepare(key, value, ttlNanos));
    }

    @Override
    public Write prepareLoaded(Object key, @Nullable Object value, long ttlNanos) {
        return observed(tier.prepareLoaded(key, value, ttlNanos));
    }

    private Write observed(Write write) {
        return new Write() {
            @Override
            public CompletableFuture<?> send() {
                return done("put", write::send);
            }

            @Override
            public CompletableFuture<?> sendIfAbsent() {
                return done("put", write::sendIfAbsent);
            }
        };
    }

    @Override
    public CompletableFuture<?> remove(Object key) {
        return done("remove", () -> tier.remove(key));
    }

    @Override
    public CompletableFuture<?> removeLoaded(Object key) {
        return done("remove", () -> tier.removeLoaded(key));
    }

    @Override
    public void heldHere(Object key) {
        tier.heldHere(key);
    }

    @Override
    public CompletableFuture<?> clear() {
        return done("clear", tier::clear);
    }

    @Override
    public void onInvalidation(InvalidationListener listener) {
        tier.onInvalidation(listener);
    }

    @Override
    public boolean isUsable() {
        return tier.isUsable();
    }

    private CompletableFuture<?> done(String operation, Supplier<CompletableFuture<?>> begin) {
        return observed(operation, result -> "done", begin);
    }

    private <F extends CompletableFuture<?>> F observed(
            String operation, Function<@Nullable Object, String> outcome, Supplier<F> begin) {
        if (!tier.isUsable()) {
            // Nothing reaches the network.
            return begin.get();
        }
        Observation observation = observations.start(Observations.REDIS, cacheName);
        observation.lowCardinalityKeyValue("operation", operation);
        F future;
        try (Scope scope = observations.enter(observation)) {
            future = begin.get();
        } catch (Throwable e) {
            observations.stop(observation, "failure", e);
            throw e;
        }
        future.whenComplete((value, failure) -> {
            if (failure == null) {
                observations.stop(observation, outcome.apply(value), null);
            } else {
                observations.stop(observation, "failure", Failures.unwrap(failure));
            }
        });
        return future;
    }
}
