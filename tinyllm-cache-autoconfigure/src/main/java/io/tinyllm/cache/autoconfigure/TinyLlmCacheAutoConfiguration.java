package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.spring.CacheInterceptorReplacer;
import io.tinyllm.cache.spring.TinyLlmCache;
import io.tinyllm.cache.spring.TinyLlmCacheManager;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizers;
import org.springframework.boot.cache.autoconfigure.CacheProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskDecorator;

/**
 * Auto-configuration of the cache stack, ahead of Spring Boot's own. Backs off from a cache manager of the application's,
 * from an explicit {@code spring.cache.type}, and from {@code tinyllm.cache.enabled=false}.
 */
@AutoConfiguration(
        beforeName = "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration",
        afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnProperty(prefix = TinyLlmCacheProperties.PREFIX, name = "enabled", matchIfMissing = true)
@Conditional(OnSpringCacheType.class)
@ConditionalOnMissingBean(CacheManager.class)
@EnableConfigurationProperties({TinyLlmCacheProperties.class, CacheProperties.class})
public final class TinyLlmCacheAutoConfiguration {

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static DefaultsBindHandlerAdvisor tinyLlmCacheDefaultsBindHandlerAdvisor() {
        return new DefaultsBindHandlerAdvisor();
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static CacheInterceptorReplacer tinyLlmCacheInterceptorReplacer() {
        return new CacheInterceptorReplacer();
    }

    @Bean
    BackgroundThreads tinyLlmCacheBackgroundThreads(ObjectProvider<TaskDecorator> decorator) {
        return new BackgroundThreads(decorator.getIfUnique());
    }

    @Bean
    CacheAssembler tinyLlmCacheAssembler(
            BackgroundThreads threads,
            ObjectProvider<BypassRule> bypassRules,
            Map<String, KeyPartitioner> partitioners,
            ObjectProvider<CacheLoader<?, ?>> loaders) {
        return new CacheAssembler(
                System::nanoTime,
                ForkJoinPool.commonPool(),
                threads::execute,
                TinyLlmCache.entryFactory(),
                new Extensions(
                        bypassRules.orderedStream().toList(),
                        partitioners,
                        loaders.orderedStream().toList()));
    }

    @Bean
    TinyLlmCacheManager cacheManager(
            CacheAssembler assembler,
            TinyLlmCacheProperties properties,
            CacheProperties cacheProperties,
            Environment environment,
            ObjectProvider<CacheCustomizer> customizers,
            ObjectProvider<CacheManagerCustomizer<?>> managerCustomizers) {
        SettingsOfCaches settings = new SettingsOfCaches(
                properties,
                () -> DefaultsBindHandlerAdvisor.defaults(Binder.get(environment)),
                customizers.orderedStream().toList());
        List<String> names = cacheProperties.getCacheNames();
        TinyLlmCacheManager manager = new TinyLlmCacheManager(
                name -> assembler.assemble(name, SettingsOfCaches.path(name), settings.of(name)), names.isEmpty());
        new CacheManagerCustomizers(managerCustomizers.orderedStream().toList()).customize(manager);
        manager.create(names.isEmpty() ? properties.getCaches().keySet() : names);
        return manager;
    }

    /** Switches caching on where the application has not done so. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    @ConditionalOnMissingBean(CacheAspectSupport.class)
    static class EnableCachingConfiguration {}
}
