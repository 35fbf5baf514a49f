package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.Publication;
import org.jspecify.annotations.Nullable;

/**
 * A caller of a cache whose writes wait for the end of the transaction: what it loads in one that may write is for
 * others after the commit. Thread-safe as the caller is.
 */
record AfterCommit(Leader caller) implements Leader {

    @Override
    public void lead(Load load) {
        caller.lead(load);
    }

    @Override
    public @Nullable Reload reload() {
        return caller.reload();
    }

    @Override
    public @Nullable Reload reinvocation() {
        return caller.reinvocation();
    }

    @Override
    public @Nullable Publication publication() {
        return Transactions.afterCommit();
    }
}
