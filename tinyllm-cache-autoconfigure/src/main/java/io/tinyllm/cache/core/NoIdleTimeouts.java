package io.tinyllm.cache.core;

/** No idle timeouts. */
final class NoIdleTimeouts implements IdleTimeouts {

    static final NoIdleTimeouts INSTANCE = new NoIdleTimeouts();

    private NoIdleTimeouts() {}

    @Override
    public long idleNanos(Object key, long nowNanos, long remainingNanos) {
        return CacheEntry.NEVER;
    }
}
