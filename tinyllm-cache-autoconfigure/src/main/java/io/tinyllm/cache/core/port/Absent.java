package io.tinyllm.cache.core.port;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.NegativeCache.Negative;
import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The features that a cache does not have: one shared object for each port, which does nothing and costs nothing. */
final class Absent {

    static final MemoryTier MEMORY = new NoMemory();
    static final RemoteTier REMOTE = new NoRemote();
    static final LoadLeases LEASES = new NoLeases();
    static final WritePolicy WRITES = new NoWrites();
    static final NegativeCache NEGATIVE = new NoNegative();
    static final BypassPolicy BYPASS = new NoBypass();
    static final AccessRecorder RECORDER = new NoRecorder();
    static final CacheObserver OBSERVER = new NoObserver();
    static final LoadGate GATE = new NoGate();
    static final TagPolicy TAGS = new NoTags();
    static final TagPolicy.Factory TAG_POLICIES = new NoTagPolicies();

    /** The turn of a load that need not wait. */
    static final CompletableFuture<?> NOW = CompletableFuture.completedFuture(null);

    private static final CompletableFuture<@Nullable RemoteEntry> MISS = CompletableFuture.completedFuture(null);

    private Absent() {}

    private static final class NoMemory implements MemoryTier {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public @Nullable CacheEntry get(Object key) {
            return null;
        }

        @Override
        public @Nullable CacheEntry peek(Object key) {
            return null;
        }

        @Override
        public void put(Object key, CacheEntry entry) {}

        @Override
        public void replace(Object key, CacheEntry former, CacheEntry entry) {}

        @Override
        public @Nullable CacheEntry remove(Object key) {
            return null;
        }

        @Override
        public void expire(Object key, CacheEntry entry) {}

        @Override
        public void clear() {}

        @Override
        public long size() {
            return 0;
        }

        @Override
        public long evictions() {
            return 0;
        }

        @Override
        public long maximumSize() {
            return 0;
        }

        @Override
        public void resize(long maximumSize) {}

        @Override
        public void forEach(BiConsumer<Object, CacheEntry> visitor) {}
    }

    private static final class NoRemote implements RemoteTier {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public CompletableFuture<@Nullable RemoteEntry> get(Object key) {
            return MISS;
        }

        @Override
        public Write prepare(Object key, @Nullable Object value, long ttlNanos) {
            return () -> MISS;
        }

        @Override
        public CompletableFuture<?> remove(Object key) {
            return MISS;
        }

        @Override
        public CompletableFuture<?> clear() {
            return MISS;
        }
    }

    private static final class NoLeases implements LoadLeases {

        private static final CompletableFuture<Lease> FREE = CompletableFuture.completedFuture(Lease.FREE);

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public CompletableFuture<Lease> await(Object key) {
            return FREE;
        }
    }

    private static final class NoWrites implements WritePolicy {

        private static final Write DONE = new Write() {

            @Override
            public boolean mayPublish() {
                return true;
            }

            @Override
            public void close() {}
        };

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public @Nullable Pending pending(Object key) {
            return null;
        }

        @Override
        public @Nullable Object load(Object key) {
            return null;
        }

        @Override
        public Write put(Object key, @Nullable Object value) {
            return DONE;
        }

        @Override
        public Write evict(Object key) {
            return DONE;
        }

        @Override
        public Write clear() {
            return DONE;
        }
    }

    private static final class NoNegative implements NegativeCache {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public @Nullable Negative get(Object key) {
            return null;
        }

        @Override
        public boolean handlesNull() {
            return false;
        }

        @Override
        public void rememberNull(Object key, @Nullable Tagged tags) {}

        @Override
        public void rememberFailure(Object key, Throwable failure, @Nullable Tagged tags) {}

        @Override
        public void remove(Object key) {}

        @Override
        public void clear() {}

        @Override
        public long size() {
            return 0;
        }
    }

    private static final class NoBypass implements BypassPolicy {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public boolean bypassesRead(Object key) {
            return false;
        }

        @Override
        public boolean bypassesWrite(Object key, @Nullable Object value) {
            return false;
        }
    }

    private static final class NoRecorder implements AccessRecorder {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public void record(Object key, Outcome outcome, long nanos) {}

        @Override
        public Recording hitRecording() {
            return Recording.LEFT_OUT;
        }
    }

    private static final class NoObserver implements CacheObserver {

        @Override
        public LoadGate loads(String cacheName) {
            return GATE;
        }

        @Override
        public RemoteTier remote(String cacheName, RemoteTier tier) {
            return tier;
        }

        @Override
        public AccessRecorder hits(String cacheName, AccessRecorder recorder) {
            return recorder;
        }
    }

    private static final class NoTags implements TagPolicy {

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public Moment now() {
            return Moment.FIRST;
        }

        @Override
        public @Nullable Tagged of(Object key, @Nullable Object value, Moment began) {
            return null;
        }

        @Override
        public boolean isEvicted(Tagged tags) {
            return false;
        }

        @Override
        public boolean isEvicted(Tagged tags, Moment asOf) {
            return false;
        }

        @Override
        public boolean isEvictedFromShared(Tagged tags) {
            return false;
        }

        @Override
        public @Nullable String evictedBy(Tagged tags) {
            return null;
        }
    }

    private static final class NoTagPolicies implements TagPolicy.Factory {

        @Override
        public TagPolicy policy(String cacheName, Runnable onError) {
            return TAGS;
        }

        @Override
        public void register(String cacheName, long lifeNanos, Runnable clear) {}
    }

    private static final class NoGate implements LoadGate {

        private static final Pass PASS = new Pass() {};

        @Override
        public boolean exists() {
            return false;
        }

        @Override
        public Pass begin(Kind kind) {
            return PASS;
        }
    }
}
