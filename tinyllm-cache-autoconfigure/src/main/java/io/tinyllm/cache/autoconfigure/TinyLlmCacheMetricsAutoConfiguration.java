package io.tinyllm.cache.autoconfigure;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.MeterFilter;
import io.tinyllm.cache.assembly.CacheTuning;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.metrics.CacheMeters;
import io.tinyllm.cache.metrics.ControlPlaneMeters;
import io.tinyllm.cache.metrics.TierMeters;
import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.spring.TinyLlmCache;
import io.tinyllm.cache.tags.TagBarriers;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.cache.metrics.CacheMeterBinderProvider;
import org.springframework.boot.cache.metrics.CacheMetricsRegistrar;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of the meters, those of caches that are made on demand too. */
@AutoConfiguration(
        after = TinyLlmCacheAutoConfiguration.class,
        beforeName = "org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration")
@ConditionalOnClass({MeterBinder.class, CacheMeterBinderProvider.class})
@ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REGISTRY)
public final class TinyLlmCacheMetricsAutoConfiguration {

    /** Spring Boot names the manager's bean in this tag of every meter of a cache. */
    private static final Tag MANAGER = Tag.of("cache.manager", "cacheManager");

    @Bean
    TinyLlmCacheMeterBinderProvider tinyLlmCacheMeterBinderProvider(
            ControlPlane controlPlane, StoreWriters storeWriters, NotShared notShared, TagBarriers tags) {
        return new TinyLlmCacheMeterBinderProvider(controlPlane, storeWriters, notShared, tags);
    }

    /** The meter of that name is exact, and is there without observations; a timer beside it would clash with it. */
    @Bean
    MeterFilter tinyLlmCacheLoadsAreNoTimers() {
        return MeterFilter.deny(id -> id.getName().equals(CacheMeters.LOAD) && id.getTag("stale") != null);
    }

    @Bean
    static MetersRemoval tinyLlmCacheMetersRemoval() {
        return new MetersRemoval(MANAGER);
    }

    @Bean
    ControlPlaneMeters tinyLlmCacheControlPlaneMeters(ControlPlane controlPlane) {
        return new ControlPlaneMeters(controlPlane);
    }

    @Bean
    SmartInitializingSingleton tinyLlmCacheOnDemandMeters(
            CacheRegistry caches,
            ObjectProvider<CacheMetricsRegistrar> registrar,
            TinyLlmCacheMeterBinderProvider bound) {
        return () -> registrar.ifAvailable(available -> caches.forEach(cache -> {
            // Those that Spring Boot has found in the manager are bound; it finds none behind a manager that hides
            // them.
            if (!bound.has(cache.getName())) {
                available.bindCacheToRegistry(cache, MANAGER);
            }
        }));
    }

    /** Meters of the shared tier. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REDIS_TIERS)
    static class RedisMetersConfiguration {

        @Bean
        MeterBinder tinyLlmCacheRemoteErrors(RedisTiers tiers) {
            return registry -> TierMeters.errors(registry, tiers, tiers.backends()::errors);
        }

        @Bean
        SmartInitializingSingleton tinyLlmCacheReplicationMeters(
                CacheRegistry caches, RedisTiers tiers, ObjectProvider<MeterRegistry> registry) {
            return () -> registry.ifAvailable(available ->
                    caches.forEach(cache -> TierMeters.lag(available, MANAGER, cache.getName(), tiers::replications)));
        }
    }

    /** Boot reads the type argument from the class. */
    static final class TinyLlmCacheMeterBinderProvider implements CacheMeterBinderProvider<TinyLlmCache> {

        private final ControlPlane controlPlane;
        private final StoreWriters storeWriters;
        private final NotShared notShared;
        private final TagBarriers evictedTags;
        private final Set<String> bound = ConcurrentHashMap.newKeySet();

        TinyLlmCacheMeterBinderProvider(
                ControlPlane controlPlane, StoreWriters storeWriters, NotShared notShared, TagBarriers evictedTags) {
            this.evictedTags = evictedTags;
            this.notShared = notShared;
            this.controlPlane = controlPlane;
            this.storeWriters = storeWriters;
        }

        /** Returns whether the meters of a cache were made under the name of its manager. */
        boolean has(String cacheName) {
            return bound.contains(cacheName);
        }

        @Override
        public MeterBinder getMeterBinder(TinyLlmCache cache, Iterable<Tag> tags) {
            String name = cache.getName();
            for (Tag tag : tags) {
                if (tag.equals(MANAGER)) {
                    bound.add(name);
                }
            }
            CacheTuning tuning = controlPlane.tuning(name);
            return new CacheMeters(
                    cache.getNativeCache(),
                    controlPlane.analytics(name),
                    storeWriters.all().get(name),
                    tuning == null ? null : tuning.prefetch(),
                    notShared,
                    evictedTags,
                    tags);
        }
    }
}
