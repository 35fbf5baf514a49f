package io.tinyllm.cache.observe;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.micrometer.tracing.Link;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import org.jspecify.annotations.Nullable;

/**
 * Makes loads that no caller waits for spans of a trace of their own, with a link to the span of the caller that has
 * set them off. Thread-safe.
 */
public final class LinkedLoads extends DefaultTracingObservationHandler {

    private final Tracer tracer;

    /**
     * Creates a handler.
     * @param tracer makes the spans
     */
    public LinkedLoads(Tracer tracer) {
        super(tracer);
        this.tracer = tracer;
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof LoadContext load && load.isBackground();
    }

    @Override
    public void onStart(Observation.Context context) {
        Span.Builder builder = tracer.spanBuilder().setNoParent();
        Span asker = span(((LoadContext) context).asker());
        if (asker != null) {
            builder.addLink(new Link(asker));
        }
        getTracingContext(context).setSpan(builder.start());
    }

    private static @Nullable Span span(@Nullable ObservationView asker) {
        TracingContext traced = asker == null ? null : asker.getContextView().get(TracingContext.class);
        return traced == null ? null : traced.getSpan();
    }
}
