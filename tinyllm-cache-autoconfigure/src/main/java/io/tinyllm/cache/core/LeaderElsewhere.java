package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/**
 * A caller that is told to load on a thread which is not its own, and so is not the one that loads. Thread-safe as the
 * caller is.
 */
record LeaderElsewhere(Leader leader) implements Leader {

    @Override
    public @Nullable Reload reload() {
        return leader.reload();
    }

    @Override
    public @Nullable Reload reinvocation() {
        return leader.reinvocation();
    }

    @Override
    public @Nullable Publication publication() {
        return leader.publication();
    }

    @Override
    public void lead(Load load) {
        load.releaseThread();
        leader.lead(load);
    }
}
