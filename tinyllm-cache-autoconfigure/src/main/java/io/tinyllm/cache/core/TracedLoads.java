package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.Scope;
import io.tinyllm.cache.core.port.Tracing;
import org.jspecify.annotations.Nullable;

/** Lets every load through, and traces it from where it first runs to its end. Thread-safe. */
final class TracedLoads implements LoadGate {

    private final Tracing tracing;
    private final String cacheName;

    private TracedLoads(Tracing tracing, String cacheName) {
        this.tracing = tracing;
        this.cacheName = cacheName;
    }

    static LoadGate of(Tracing tracing, String cacheName) {
        return tracing.exists() ? new TracedLoads(tracing, cacheName) : LoadGate.none();
    }

    @Override
    public Pass begin(Kind kind) {
        return new Traced();
    }

    private final class Traced implements Pass {

        private Tracing.@Nullable Span span;

        @Override
        public Scope enter() {
            return started().enter();
        }

        private synchronized Tracing.Span started() {
            Tracing.Span known = span;
            if (known == null) {
                known = tracing.start(Tracing.LOAD, cacheName);
                span = known;
            }
            return known;
        }

        @Override
        public synchronized void end(@Nullable Throwable failure) {
            if (span != null) {
                span.end(failure);
            }
        }
    }
}
