package io.tinyllm.cache.spring;

import io.micrometer.context.ThreadLocalAccessor;
import io.tinyllm.cache.core.RunningLoads;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry to other threads, and into and out of the contexts of Reactor, which
 * loads the code is inside of: a nested call of a key that is being loaded then runs its method wherever it is made.
 * Found by Micrometer as a service. Thread-safe.
 */
public final class RunningLoadsAccessor implements ThreadLocalAccessor<RunningLoads> {

    /** The key of the loads in the contexts of Reactor, and for Micrometer. */
    static final String KEY = "io.tinyllm.cache.running-loads";

    @Override
    public Object key() {
        return KEY;
    }

    @Override
    public @Nullable RunningLoads getValue() {
        return RunningLoads.current();
    }

    @Override
    public void setValue(RunningLoads loads) {
        RunningLoads.replace(loads);
    }

    @Override
    public void setValue() {
        RunningLoads.replace(null);
    }
}
