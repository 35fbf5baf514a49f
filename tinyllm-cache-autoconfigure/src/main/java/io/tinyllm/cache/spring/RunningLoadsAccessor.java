package io.tinyllm.cache.spring;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.tinyllm.cache.core.RunningLoads;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation carry to other threads, and into and out of the contexts of Reactor, which
 * loads the code is inside of: a nested call of a key that is being loaded then runs its method wherever it is made.
 * Thread-safe.
 */
final class RunningLoadsAccessor implements ThreadLocalAccessor<RunningLoads> {

    /** Makes it known to Micrometer; again does no harm. */
    static void register() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(new RunningLoadsAccessor());
    }

    @Override
    public Object key() {
        return ReactiveCalls.RUNNING;
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
