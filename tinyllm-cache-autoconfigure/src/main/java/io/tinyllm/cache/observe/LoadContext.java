package io.tinyllm.cache.observe;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import org.jspecify.annotations.Nullable;

/** The context of the observation of a load. As thread-safe as its kind. */
final class LoadContext extends Observation.Context {

    private final boolean background;
    private final @Nullable ObservationView asker;

    /**
     * Creates a context.
     * @param background whether no caller waits for the load, which is then a part of nothing
     * @param asker what its caller was observed to do where that caller has only set it off, or null
     */
    LoadContext(boolean background, @Nullable ObservationView asker) {
        this.background = background;
        this.asker = asker;
    }

    boolean isBackground() {
        return background;
    }

    @Nullable
    ObservationView asker() {
        return asker;
    }
}
