package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;

/** How the tests hand a store of strings to classes that know no types. */
final class Untyped {

    private Untyped() {}

    @SuppressWarnings("unchecked")
    static BackingStore<Object, Object> of(BackingStore<?, ?> store) {
        return (BackingStore<Object, Object>) store;
    }
}
