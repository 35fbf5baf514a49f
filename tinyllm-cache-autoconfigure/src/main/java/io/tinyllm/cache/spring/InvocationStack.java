package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Flight;
import io.tinyllm.cache.core.Leader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cacheable methods that a thread is inside of, innermost last. Confined to its thread. Reused from call to call, so
 * that an invocation that finds its value allocates nothing here.
 */
final class InvocationStack implements Leader {

    private static final ThreadLocal<InvocationStack> CURRENT = ThreadLocal.withInitial(InvocationStack::new);

    private @Nullable CacheableInvocation[] invocations = new CacheableInvocation[4];
    private int depth;

    private InvocationStack() {}

    static InvocationStack current() {
        return CURRENT.get();
    }

    /**
     * Enters a method.
     * @param invocation its invocation, null for one to be noted when it has something to load
     */
    void enter(@Nullable CacheableInvocation invocation) {
        if (depth == invocations.length) {
            invocations = Arrays.copyOf(invocations, depth * 2);
        }
        invocations[depth++] = invocation;
    }

    /** Leaves a method and answers its invocation, if it was noted. */
    @Nullable
    CacheableInvocation exit() {
        CacheableInvocation top = invocations[--depth];
        invocations[depth] = null;
        return top;
    }

    /** The invocation of the innermost method, if it was noted. */
    @Nullable
    CacheableInvocation top() {
        return depth == 0 ? null : invocations[depth - 1];
    }

    @Override
    public void lead(Flight flight) {
        if (depth == 0) {
            flight.abandon();
            return;
        }
        CacheableInvocation top = invocations[depth - 1];
        if (top == null) {
            top = new CacheableInvocation();
            invocations[depth - 1] = top;
        }
        top.lead(flight);
    }
}
