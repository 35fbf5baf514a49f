package io.tinyllm.cache.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tinyllm.cache.assembly.ControlPlane;
import java.util.function.ToDoubleFunction;

/** The meters of what watches the caches. */
public final class ControlPlaneMeters implements MeterBinder {

    private final ControlPlane controlPlane;

    /**
     * Creates the meters, unregistered.
     * @param controlPlane what watches
     */
    public ControlPlaneMeters(ControlPlane controlPlane) {
        this.controlPlane = controlPlane;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(registry, "control.failures", "Failures of what learns from accesses", ControlPlane::failures);
        counter(registry, "listener.failures", "Failures of AccessListener beans", ControlPlane::listenerFailures);
        counter(
                registry,
                "listener.drops",
                "Accesses that AccessListener beans were too slow to hear of",
                ControlPlane::listenerDrops);
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<ControlPlane> count) {
        FunctionCounter.builder("tinyllm.cache." + name, controlPlane, count)
                .description(description)
                .register(registry);
    }
}
