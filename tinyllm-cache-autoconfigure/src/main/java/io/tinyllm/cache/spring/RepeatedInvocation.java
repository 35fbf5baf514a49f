package io.tinyllm.cache.spring;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Method;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;

/**
 * A call whose advice outside of that of the cache has returned long ago. What that advice has shown to aspects inside,
 * the call itself, is shown to them again. Used once, by one thread.
 */
final class RepeatedInvocation implements MethodInvocation {

    private final MethodInvocation call;

    /**
     * Creates it.
     * @param pristine the call, not yet proceeded; can be used again
     */
    RepeatedInvocation(ProxyMethodInvocation pristine) {
        this.call = pristine.invocableClone();
    }

    @Override
    public @Nullable Object proceed() throws Throwable {
        return ExposeInvocationInterceptor.INSTANCE.invoke(call);
    }

    @Override
    public Method getMethod() {
        return call.getMethod();
    }

    @Override
    public @Nullable Object[] getArguments() {
        return call.getArguments();
    }

    @Override
    public @Nullable Object getThis() {
        return call.getThis();
    }

    @Override
    public AccessibleObject getStaticPart() {
        return call.getStaticPart();
    }
}
