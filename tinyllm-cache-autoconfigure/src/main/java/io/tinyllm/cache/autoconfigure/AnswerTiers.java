package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The tiers of caches as the layer over answers sees them, and the gate that its background loads go through: closed
 * when these have cost what they may. Thread-safe.
 */
final class AnswerTiers implements HeldAnswers, Extensions.Gates {

    private static final CompletableFuture<?> REFUSED =
            CompletableFuture.failedFuture(new IllegalStateException("The budget of background loads is spent"));

    private final ThreadLocal<@Nullable Boolean> background = new ThreadLocal<>();
    private final Function<String, @Nullable TieredCache> caches;
    private final AnswerLedgers ledgers;

    /**
     * Creates it.
     * @param caches the cache of a name, null where it is not of this library
     * @param ledgers know what background loads have cost
     */
    AnswerTiers(Function<String, @Nullable TieredCache> caches, AnswerLedgers ledgers) {
        this.caches = caches;
        this.ledgers = ledgers;
    }

    @Override
    public boolean knows(String cacheName) {
        return caches.apply(cacheName) != null;
    }

    @Override
    public boolean isBypassed(String cacheName, String key) {
        TieredCache cache = caches.apply(cacheName);
        return cache != null && cache.bypassedBy(key) != null;
    }

    @Override
    public CompletableFuture<@Nullable Held> held(String cacheName, String key) {
        TieredCache cache = caches.apply(cacheName);
        if (cache == null) {
            return CompletableFuture.completedFuture(null);
        }
        return cache.held(key).thenApply(held -> {
            if (held == null) {
                return null;
            }
            Long remaining = held.remainingNanos() == CacheEntry.NEVER ? null : (Long) held.remainingNanos();
            return new Held(held.value(), remaining);
        });
    }

    @Override
    public void forEachInMemory(String cacheName, Consumer<@Nullable Object> values) {
        TieredCache cache = caches.apply(cacheName);
        if (cache != null) {
            cache.memory().scan((key, entry) -> {
                if (!cache.isEvicted(entry)) {
                    values.accept(entry.value());
                }
            });
        }
    }

    @Override
    public boolean isInBackground() {
        return background.get() != null;
    }

    @Override
    public LoadGate gate(String cacheName) {
        return new Gate(cacheName);
    }

    private final class Gate implements LoadGate {

        private final String cacheName;
        private final AtomicInteger running = new AtomicInteger();

        Gate(String cacheName) {
            this.cacheName = cacheName;
        }

        @Override
        public Pass begin(Kind kind) {
            boolean refused = kind == Kind.BACKGROUND && !ledgers.allowsBackground(cacheName);
            if (!refused) {
                running.incrementAndGet();
            }
            return new Entrance(kind == Kind.BACKGROUND, refused);
        }

        @Override
        public int running() {
            return running.get();
        }

        private final class Entrance implements Pass {

            private final boolean inBackground;
            private final boolean refused;
            private final AtomicBoolean ended = new AtomicBoolean();

            Entrance(boolean inBackground, boolean refused) {
                this.inBackground = inBackground;
                this.refused = refused;
            }

            @Override
            public CompletableFuture<?> turn() {
                return refused ? REFUSED : Pass.super.turn();
            }

            /** What a background load asks for itself is in the background too. */
            @Override
            public Scope enter() {
                if (!inBackground) {
                    return Scope.NONE;
                }
                Boolean before = background.get();
                background.set(true);
                return () -> {
                    if (before == null) {
                        background.remove();
                    }
                };
            }

            @Override
            public void end(@Nullable Throwable failure) {
                if (!refused && ended.compareAndSet(false, true)) {
                    running.decrementAndGet();
                }
            }
        }
    }
}
