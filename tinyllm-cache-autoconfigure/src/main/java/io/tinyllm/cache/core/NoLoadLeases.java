package io.tinyllm.cache.core;

import java.util.concurrent.CompletableFuture;

/** The leases of a cache whose loads are its own affair. */
final class NoLoadLeases implements LoadLeases {

    static final NoLoadLeases INSTANCE = new NoLoadLeases();

    private static final CompletableFuture<Turn> FREE = CompletableFuture.completedFuture(Turn.FREE);

    private NoLoadLeases() {}

    @Override
    public CompletableFuture<Turn> await(Object key) {
        return FREE;
    }
}
