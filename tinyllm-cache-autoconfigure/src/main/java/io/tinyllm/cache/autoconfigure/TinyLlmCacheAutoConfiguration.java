package io.tinyllm.cache.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.tinyllm.cache.AccessListener;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.KeyPartitioner;
import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.StoredForm;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.Codecs;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.observe.CacheObservations;
import io.tinyllm.cache.observe.LinkedLoads;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.spring.CacheInterceptorReplacer;
import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.spring.DeclaredTypes;
import io.tinyllm.cache.spring.SimpleKeys;
import io.tinyllm.cache.spring.TinyLlmCache;
import io.tinyllm.cache.spring.TinyLlmCacheManager;
import io.tinyllm.cache.tags.TagBarriers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizers;
import org.springframework.boot.cache.autoconfigure.CacheProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.interceptor.CacheAspectSupport;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.TaskDecorator;
import org.springframework.util.ClassUtils;

/**
 * Auto-configuration of the cache stack, ahead of Spring Boot's own. Backs off from a cache manager of the
 * application's, from an explicit {@code spring.cache.type}, and from {@code tinyllm.cache.enabled=false}.
 */
@AutoConfiguration(
        beforeName = "org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration",
        afterName = "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration")
@ConditionalOnProperty(prefix = TinyLlmCacheProperties.PREFIX, name = "enabled", matchIfMissing = true)
@Conditional(OnSpringCacheType.class)
@ConditionalOnMissingBean(CacheManager.class)
@EnableConfigurationProperties({TinyLlmCacheProperties.class, CacheProperties.class})
@Import({WebSessions.ServletConfiguration.class, WebSessions.ReactiveConfiguration.class})
public final class TinyLlmCacheAutoConfiguration {

    /** The names of beans of this class, by which conditions find them: a search by type looks at every bean. */
    static final String REGISTRY = "tinyLlmCacheRegistry";

    static final String REDIS_TIERS = "tinyLlmCacheRedisTiers";

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
    CoarseTicker tinyLlmCacheTicker() {
        return new CoarseTicker(System::nanoTime, task -> BackgroundThreads.daemon(task, "tinyllm-cache-clock"));
    }

    @Bean
    ControlPlane tinyLlmCacheControlPlane(
            ObjectProvider<AccessListener> listeners,
            ObjectProvider<SessionResolver> sessions,
            BackgroundThreads threads,
            TinyLlmCacheProperties properties) {
        return new ControlPlane(
                System::nanoTime,
                listeners.orderedStream().toList(),
                sessions.getIfAvailable(),
                threads::prefetch,
                MemoryBudgets.of(
                        properties.getMemory().getBudget(), Runtime.getRuntime().maxMemory()));
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    @Lazy
    static ValueTypes tinyLlmCacheValueTypes(
            TinyLlmCacheProperties properties, ResourceLoader loader, BeanFactory beans) {
        List<String> allowed = properties.getRedis().getAllowedTypes();
        List<String> application = properties.getRedis().isApplicationTypes() && AutoConfigurationPackages.has(beans)
                ? AutoConfigurationPackages.get(beans)
                : List.of();
        ClassLoader classes = loader.getClassLoader();
        try {
            return new ValueTypes(
                    allowed,
                    application,
                    classes == null ? TinyLlmCacheAutoConfiguration.class.getClassLoader() : classes);
        } catch (IllegalArgumentException e) {
            throw new InvalidCacheSettingException(
                    TinyLlmCacheProperties.PREFIX + ".redis.allowed-types",
                    allowed,
                    "names of classes, and of packages that end in a dot",
                    "Correct the list: " + e.getMessage() + ".");
        }
    }

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static DeclaredTypes tinyLlmCacheDeclaredTypes() {
        return new DeclaredTypes();
    }

    @Bean
    NotShared tinyLlmCacheNotShared() {
        return new NotShared();
    }

    @Bean
    StoreWriters tinyLlmCacheStoreWriters(
            ObjectProvider<BackingStore<?, ?>> stores,
            TinyLlmCacheProperties properties,
            ObjectProvider<Codecs> codecs) {
        return new StoreWriters(
                stores.orderedStream().toList(),
                properties.getJournal().getDirectory(),
                codecs::getIfAvailable,
                HeapShare.bytes(
                        TinyLlmCacheProperties.PREFIX + ".write.maximum-dirty-size",
                        properties.getWrite().getMaximumDirtySize(),
                        Runtime.getRuntime().maxMemory()),
                System::nanoTime,
                (task, cache) -> BackgroundThreads.daemon(task, "tinyllm-cache-flush-" + cache));
    }

    @Bean
    CacheLifecycle tinyLlmCacheLifecycle(
            TinyLlmCacheProperties properties,
            StoreWriters storeWriters,
            ObjectProvider<Codecs> codecs,
            ControlPlane controlPlane,
            TagBarriers tags,
            Environment environment) {
        return new CacheLifecycle(
                tags,
                controlPlane,
                properties.getSnapshots(),
                storeWriters,
                codecs::getIfAvailable,
                environment.getProperty(
                        "spring.lifecycle.timeout-per-shutdown-phase", Duration.class, Duration.ofSeconds(30)));
    }

    @Bean
    CacheAssembler tinyLlmCacheAssembler(
            BackgroundThreads threads,
            ObjectProvider<BypassRule> bypassRules,
            ListableBeanFactory beans,
            ObjectProvider<TimeToLive> timesToLive,
            Map<String, KeyPartitioner> partitioners,
            ObjectProvider<CacheLoader<?, ?>> loaders,
            ObjectProvider<SharedTiers> sharedTiers,
            StoreWriters storeWriters,
            TagBarriers tags,
            ObjectProvider<CacheObserver> observer,
            ObjectProvider<StoredForm<?>> storedForms,
            ObjectProvider<Extensions.Gates> gates,
            CoarseTicker time,
            ControlPlane controlPlane) {
        return new CacheAssembler(
                time,
                ForkJoinPool.commonPool(),
                threads::execute,
                threads::goOn,
                threads::after,
                TinyLlmCache.entryFactory(),
                new Extensions(
                        NamedRules.of(bypassRules, beans),
                        partitioners,
                        loaders.orderedStream().toList(),
                        sharedTiers.getIfAvailable(() -> SharedTiers.NONE),
                        storeWriters,
                        timesToLive.orderedStream().toList(),
                        tags,
                        observer.getIfAvailable(CacheObserver::none),
                        storedForms.orderedStream().toList(),
                        gates.getIfAvailable(() -> name -> LoadGate.none())),
                controlPlane);
    }

    @Bean
    TagBarriers tinyLlmCacheTags(
            TinyLlmCacheProperties properties, ObjectProvider<TagResolver> resolvers, BackgroundThreads threads) {
        return new TagBarriers(
                resolvers.orderedStream().toList(),
                properties.getTags().checkedMaximum(),
                properties.getDefaults().getRedis().getTimeout().toNanos(),
                () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()),
                threads::execute);
    }

    @Bean
    StartReport tinyLlmCacheStartReport(TinyLlmCacheProperties properties, CacheProperties cacheProperties) {
        return new StartReport(
                properties.getDefaults(), () -> cacheProperties.getCacheNames().isEmpty());
    }

    @Bean
    CachesAtStart tinyLlmCacheCachesAtStart(
            CacheRegistry registry,
            StartReport report,
            ListableBeanFactory beans,
            Environment environment,
            ControlPlane controlPlane) {
        return new CachesAtStart(registry, report, beans, environment, controlPlane.budget()::begin);
    }

    @Bean(REGISTRY)
    CacheRegistry tinyLlmCacheRegistry(
            CacheAssembler assembler,
            TinyLlmCacheProperties properties,
            CacheProperties cacheProperties,
            CacheLifecycle lifecycle,
            StartReport report,
            ObjectProvider<ValueTypes> types,
            ObjectProvider<Codecs> codecs,
            ObjectProvider<StoredForm<?>> storedForms,
            Environment environment,
            ObjectProvider<CacheCustomizer> customizers) {
        CacheDefinitions definitions = new CacheDefinitions(
                properties,
                () -> DefaultsBindHandlerAdvisor.defaults(environment),
                customizers.orderedStream().toList());
        MemoryBudgets.check(properties.getMemory().getBudget(), cacheProperties.getCacheNames());
        assembler.check(definitions.ofAny());
        lifecycle.check(definitions.ofAny());
        // What else would be made with the first cache that needs it is made now where that is certain to come, and
        // where it may turn out wrong, so that the start fails.
        if (!properties.getRedis().getAllowedTypes().isEmpty()) {
            types.getObject();
        }
        if (properties.getDefaults().getRedis().isEnabled()
                || storedForms.stream().findAny().isPresent()
                || customizers.stream().findAny().isPresent()) {
            codecs.getIfAvailable();
        }
        CacheRegistry registry = new CacheRegistry(
                name -> {
                    CacheDefinition definition = definitions.of(name);
                    lifecycle.check(definition);
                    TieredCache cache = assembler.assemble(definition);
                    lifecycle.created(cache, definition);
                    report.created(definition);
                    return cache;
                },
                cacheProperties.getCacheNames().isEmpty());
        lifecycle.manage(name -> registry.create(Set.of(name)));
        return registry;
    }

    @Bean
    TinyLlmCacheManager cacheManager(
            CacheRegistry registry,
            TinyLlmCacheProperties properties,
            CacheProperties cacheProperties,
            ObjectProvider<CacheManagerCustomizer<?>> customizers) {
        TinyLlmCacheManager manager = new TinyLlmCacheManager(registry);
        manager.setTransactionAware(properties.isTransactionAware());
        new CacheManagerCustomizers(customizers.orderedStream().toList()).customize(manager);
        List<String> names = cacheProperties.getCacheNames();
        manager.create(names.isEmpty() ? properties.getCaches().keySet() : names);
        if (properties.getMemory().getBudget().getTotal() != null) {
            registry.create(properties.getMemory().getBudget().getCaches());
        }
        return manager;
    }

    /** The codecs of what leaves the process, where the application has Jackson; made for the first who needs them. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "tools.jackson.core.json.JsonFactory")
    static class CodecConfiguration {

        @Bean
        @Lazy
        Codecs tinyLlmCacheCodecs(
                ValueTypes types,
                DeclaredTypes declared,
                ListableBeanFactory beans,
                ObjectProvider<CacheOperationSource> operations,
                ObjectProvider<StoredForm<?>> forms,
                NotShared notShared) {
            Codecs codecs = codecs(types, forms.orderedStream().toList(), notShared);
            // Before anything is read back: a journal holds what the methods of its cache return.
            declared.declareAll(types, beans, operations.getIfAvailable());
            return codecs;
        }

        private static Codecs codecs(ValueTypes types, List<StoredForm<?>> all, NotShared notShared) {
            try {
                ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, all);
                ValueCodec lasting = new ValueCodec(types.lasting(), ValueLimits.DEFAULT, all);
                KeyCodec keys = new KeyCodec(types, List.of(SimpleKeys.composite()), values.beanKeys());
                return new Codecs(keys, values, lasting, notShared);
            } catch (IllegalArgumentException e) {
                throw new InvalidStoredFormException(e);
            }
        }
    }

    /** Observations, where the application has a registry of them. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ObservationRegistry.class)
    static class ObservationConfiguration {

        private static final boolean CONTEXT =
                ClassUtils.isPresent("io.micrometer.context.ContextSnapshotFactory", null);

        @Bean
        CacheObserver tinyLlmCacheObserver(
                ListableBeanFactory beans, TinyLlmCacheProperties properties, ControlPlane controlPlane) {
            // By name: to make the registry here would be too early for what post-processes it.
            if (beans.getBeanNamesForType(ObservationRegistry.class, true, false).length == 0) {
                return CacheObserver.none();
            }
            ObjectProvider<ObservationRegistry> registry = beans.getBeanProvider(ObservationRegistry.class);
            return new CacheObservations(
                    () -> registry.getIfAvailable(() -> ObservationRegistry.NOOP),
                    properties.getObservations().isHits(),
                    CONTEXT,
                    controlPlane::failed);
        }
    }

    /** Background loads as spans with links, where the application traces by Micrometer. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ObservationRegistry.class, Tracer.class})
    static class TracingConfiguration {

        /** Before that of Spring Boot, which takes every observation. */
        @Bean
        @Order(Ordered.LOWEST_PRECEDENCE - 2000)
        LinkedLoads tinyLlmCacheLinkedLoads(ObjectProvider<Tracer> tracer) {
            return new LinkedLoads(tracer.getIfAvailable(() -> Tracer.NOOP));
        }
    }

    /** The shared tier, where the application has a connection to Redis. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(
            name = {
                "io.lettuce.core.RedisClient",
                "org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory",
                "tools.jackson.core.json.JsonFactory"
            })
    @ConditionalOnBean(type = "org.springframework.data.redis.connection.RedisConnectionFactory")
    static class RedisConfiguration {

        @Bean(REDIS_TIERS)
        RedisTiers tinyLlmCacheRedisTiers(
                ListableBeanFactory beans,
                TinyLlmCacheProperties properties,
                ObjectProvider<Codecs> codecs,
                TagBarriers tags,
                ObjectProvider<SslBundles> bundles) {
            return new RedisTiers(
                    path -> PrimaryRedis.of(beans, path),
                    properties.getRedis(),
                    codecs::getObject,
                    tags,
                    bundles.getIfAvailable());
        }
    }

    /** Switches caching on where the application has not done so. */
    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    @ConditionalOnMissingBean(CacheAspectSupport.class)
    static class EnableCachingConfiguration {}
}
