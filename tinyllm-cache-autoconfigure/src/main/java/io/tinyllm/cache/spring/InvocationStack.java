package io.tinyllm.cache.spring;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import io.tinyllm.cache.core.Publication;
import io.tinyllm.cache.spring.CacheableInvocation.Refresher;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

/**
 * The cacheable methods that a thread is inside of, innermost last. Confined to its thread. Reused from call to call,
 * so that an invocation that finds its value allocates nothing here.
 */
final class InvocationStack implements Leader {

    /**
     * Of each thread a reference that keeps nothing: threads of a server outlive the applications that it deploys, and
     * what a thread holds on to would hold on to the class loader of this class.
     */
    private static final ThreadLocal<@Nullable WeakReference<InvocationStack>> CURRENT = new ThreadLocal<>();

    /** Keeps the stacks for as long as both their thread and this class live. */
    private static final Map<Thread, InvocationStack> STACKS = Collections.synchronizedMap(new WeakHashMap<>());

    private @Nullable CacheableInvocation[] invocations = new CacheableInvocation[4];
    private @Nullable MethodInvocation[] methods = new MethodInvocation[4];
    private @Nullable Refresher[] refreshers = new Refresher[4];
    private int depth;

    private InvocationStack() {}

    static InvocationStack current() {
        WeakReference<InvocationStack> known = CURRENT.get();
        InvocationStack stack = known == null ? null : known.get();
        return stack == null ? create() : stack;
    }

    private static InvocationStack create() {
        InvocationStack stack = new InvocationStack();
        STACKS.put(Thread.currentThread(), stack);
        CURRENT.set(new WeakReference<>(stack));
        return stack;
    }

    /**
     * Enters a method whose invocation is noted only when it has something to load.
     * @param method the call
     * @param refresher what runs it
     */
    void enter(MethodInvocation method, Refresher refresher) {
        push(method, refresher, null);
    }

    /**
     * Enters a method.
     * @param invocation its invocation
     */
    void enter(CacheableInvocation invocation) {
        push(null, null, invocation);
    }

    private void push(
            @Nullable MethodInvocation method,
            @Nullable Refresher refresher,
            @Nullable CacheableInvocation invocation) {
        if (depth == invocations.length) {
            invocations = Arrays.copyOf(invocations, depth * 2);
            methods = Arrays.copyOf(methods, depth * 2);
            refreshers = Arrays.copyOf(refreshers, depth * 2);
        }
        invocations[depth] = invocation;
        methods[depth] = method;
        refreshers[depth] = refresher;
        depth++;
    }

    /** Leaves a method and answers its invocation, if it was noted. */
    @Nullable
    CacheableInvocation exit() {
        depth--;
        CacheableInvocation top = invocations[depth];
        invocations[depth] = null;
        methods[depth] = null;
        refreshers[depth] = null;
        return top;
    }

    /** The invocation of the innermost method, if it was noted. */
    @Nullable
    CacheableInvocation top() {
        return depth == 0 ? null : invocations[depth - 1];
    }

    @Override
    public void lead(Load load) {
        CacheableInvocation noted = noted();
        if (noted == null) {
            load.abandon();
        } else {
            noted.lead(load);
        }
    }

    @Override
    public @Nullable Reload reload() {
        CacheableInvocation noted = noted();
        return noted == null ? null : noted.reload();
    }

    @Override
    public @Nullable Reload reinvocation() {
        return reload();
    }

    @Override
    public @Nullable Publication publication() {
        return Transactions.atOnce();
    }

    private @Nullable CacheableInvocation noted() {
        if (depth == 0) {
            return null;
        }
        CacheableInvocation top = invocations[depth - 1];
        MethodInvocation method = methods[depth - 1];
        Refresher refresher = refreshers[depth - 1];
        if (top == null && method != null && refresher != null) {
            top = CacheableInvocation.of(method, refresher);
            invocations[depth - 1] = top;
        }
        return top;
    }
}
