package io.tinyllm.cache.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.util.ClassUtils;

/**
 * Puts our interceptor in the place of Spring's, configured the same. Leaves an interceptor of another class, which
 * somebody else has chosen, alone.
 */
public final class CacheInterceptorReplacer implements BeanPostProcessor, BeanFactoryAware, PriorityOrdered {

    private static final boolean CONTEXT_PROPAGATION = ClassUtils.isPresent(
            "io.micrometer.context.ContextRegistry", CacheInterceptorReplacer.class.getClassLoader());

    private final boolean answersFreshHits;
    private @Nullable BeanFactory beanFactory;

    /** Creates a processor whose interceptor answers fresh hits without the whole of Spring's way. */
    public CacheInterceptorReplacer() {
        this(true);
    }

    CacheInterceptorReplacer(boolean answersFreshHits) {
        this.answersFreshHits = answersFreshHits;
    }

    @Override
    public void setBeanFactory(BeanFactory beanFactory) {
        this.beanFactory = beanFactory;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean.getClass() != CacheInterceptor.class) {
            return bean;
        }
        CacheInterceptor original = (CacheInterceptor) bean;
        if (CONTEXT_PROPAGATION) {
            RunningLoadsAccessor.register();
        }
        TinyLlmCacheInterceptor replacement = new TinyLlmCacheInterceptor(
                beanFactory == null
                        ? null
                        : beanFactory.getBeanProvider(DeclaredTypes.class).getIfAvailable(),
                answersFreshHits);
        replacement.configure(original::getErrorHandler, original::getKeyGenerator, original::getCacheResolver, null);
        replacement.setCacheOperationSource(original.getCacheOperationSource());
        if (beanFactory != null) {
            replacement.setBeanFactory(beanFactory);
        }
        replacement.afterPropertiesSet();
        return replacement;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
