package io.tinyllm.cache.springai;

import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Puts a cache of vectors before every embedding model that is a bean. A model keeps its class, so that it can be
 * injected by it; one of a final class is left as it is, which the log says.
 */
public final class EmbeddingsPostProcessor implements BeanPostProcessor {

    private static final Log logger = LogFactory.getLog(EmbeddingsPostProcessor.class);

    private final String cacheName;
    private final AnswerMode mode;
    private final Supplier<AnswerCaches> caches;
    private final Supplier<AnswerLedgers> ledgers;
    private final Supplier<List<TenantResolver>> tenants;
    private final ListableBeanFactory beans;

    /**
     * Creates it.
     * @param cacheName the cache of the vectors
     * @param mode what it does with requests
     * @param caches finds the caches, once a model is used
     * @param ledgers count what goes wrong
     * @param tenants say on whose behalf a request is made
     * @param beans the application's beans, to tell models apart
     */
    public EmbeddingsPostProcessor(
            String cacheName,
            AnswerMode mode,
            Supplier<AnswerCaches> caches,
            Supplier<AnswerLedgers> ledgers,
            Supplier<List<TenantResolver>> tenants,
            ListableBeanFactory beans) {
        this.cacheName = cacheName;
        this.mode = mode;
        this.caches = caches;
        this.ledgers = ledgers;
        this.tenants = tenants;
        this.beans = beans;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!(bean instanceof EmbeddingModel model) || mode == AnswerMode.OFF) {
            return bean;
        }
        boolean byInterface = Proxy.isProxyClass(bean.getClass());
        if (!byInterface && Modifier.isFinal(bean.getClass().getModifiers())) {
            logger.warn("The embedding model '" + beanName + "' is of the final class "
                    + bean.getClass().getName() + " and is not cached");
            return bean;
        }
        ProxyFactory factory = new ProxyFactory(bean);
        factory.setProxyTargetClass(!byInterface);
        Supplier<CachedEmbeddings> cached = SingletonSupplier.of(() -> cached(model, beanName));
        factory.addAdvice((MethodInterceptor) invocation -> invoke(invocation, cached));
        return factory.getProxy(bean.getClass().getClassLoader());
    }

    @SuppressWarnings("NullAway") // some versions of the contract of interceptors do not say that results may be null
    private static Object invoke(MethodInvocation invocation, Supplier<CachedEmbeddings> cached) throws Throwable {
        Method method = invocation.getMethod();
        Method contract = isCached(method)
                ? ClassUtils.getMethodIfAvailable(EmbeddingModel.class, method.getName(), method.getParameterTypes())
                : null;
        return contract == null
                ? invocation.proceed()
                : AopUtils.invokeJoinpointUsingReflection(cached.get(), contract, invocation.getArguments());
    }

    private static boolean isCached(Method method) {
        String name = method.getName();
        return name.equals("call") || name.equals("embed") || name.equals("embedForResponse");
    }

    private CachedEmbeddings cached(EmbeddingModel model, String beanName) {
        AnswerFaults faults = new AnswerFaults(ledgers.get());
        int models = beans.getBeanNamesForType(EmbeddingModel.class, true, false).length;
        String type = AopUtils.getTargetClass(model).getName();
        EmbeddingKeys keys = EmbeddingKeys.of(model, models == 1 ? type : type + "#" + beanName);
        return new CachedEmbeddings(
                model, keys, cacheName, mode, caches.get(), new Tenants(tenants.get(), faults), faults);
    }
}
