package io.tinyllm.cache.core;

import org.jspecify.annotations.Nullable;

/** Traces nothing. */
enum NoTracing implements Tracing, Tracing.Span, Tracing.Scope {
    INSTANCE;

    @Override
    public Span start(String operation, String cacheName) {
        return this;
    }

    @Override
    public Scope enter() {
        return this;
    }

    @Override
    public void end(@Nullable Throwable failure) {}

    @Override
    public void close() {}
}
