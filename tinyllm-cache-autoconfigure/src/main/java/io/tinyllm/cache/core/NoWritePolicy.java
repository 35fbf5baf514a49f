package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** The write policy of a cache without a store. */
final class NoWritePolicy implements WritePolicy {

    static final NoWritePolicy INSTANCE = new NoWritePolicy();

    private static final Write DONE = new Write() {

        @Override
        public boolean mayPublish() {
            return true;
        }

        @Override
        public void close() {}
    };

    private NoWritePolicy() {}

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
