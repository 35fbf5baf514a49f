package io.tinyllm.cache.benchmarks.peers;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.cache.Caching;
import javax.cache.spi.CachingProvider;
import org.cache2k.extra.spring.SpringCache2kCacheManager;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.ExpiryPolicyBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.jsr107.Eh107Configuration;
import org.ehcache.jsr107.EhcacheCachingProvider;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.StorageType;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.cache.jcache.JCacheCacheManager;
import org.springframework.cache.support.SimpleCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.PropertySource;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;

/** The configuration of each peer: so many entries, each for ten minutes, nothing else that is not its default. */
final class PeerConfigurations {

    /** How long an entry lives. */
    static final Duration EXPIRY = Duration.ofMinutes(10);

    private PeerConfigurations() {}

    /** As it configures itself; its cache is described by properties, as in an application. */
    @Configuration(proxyBeanMethods = false)
    @Import(TinyLlmCacheAutoConfiguration.class)
    @PropertySource("classpath:measured.properties")
    static class Ours {}

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class SpringCaffeine extends Placeholders {

        @Bean
        CacheManager cacheManager(@Value("${measured.entries}") int entries) {
            CaffeineCacheManager manager = new CaffeineCacheManager(Peer.CACHE);
            manager.setCaffeine(Caffeine.newBuilder().maximumSize(entries).expireAfterWrite(EXPIRY));
            return manager;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Cache2k extends Placeholders {

        @Bean
        CacheManager cacheManager(@Value("${measured.entries}") int entries) {
            return new SpringCache2kCacheManager("benchmarks")
                    .addCache(
                            Peer.CACHE,
                            cache -> cache.entryCapacity(entries)
                                    .expireAfterWrite(EXPIRY.toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Ehcache extends Placeholders {

        @Bean
        CacheManager cacheManager(@Value("${measured.entries}") int entries) {
            CachingProvider provider = Caching.getCachingProvider(EhcacheCachingProvider.class.getName());
            javax.cache.CacheManager manager = provider.getCacheManager();
            manager.createCache(
                    Peer.CACHE,
                    Eh107Configuration.fromEhcacheCacheConfiguration(
                            CacheConfigurationBuilder.newCacheConfigurationBuilder(
                                            Object.class, Object.class, ResourcePoolsBuilder.heap(entries))
                                    .withExpiry(ExpiryPolicyBuilder.timeToLiveExpiration(EXPIRY))));
            return new JCacheCacheManager(manager);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Infinispan extends Placeholders {

        @Bean(destroyMethod = "stop")
        DefaultCacheManager infinispan(@Value("${measured.entries}") int entries) {
            DefaultCacheManager manager = new DefaultCacheManager(
                    new GlobalConfigurationBuilder().nonClusteredDefault().build());
            ConfigurationBuilder cache = new ConfigurationBuilder();
            cache.memory().storage(StorageType.HEAP).maxCount(entries);
            cache.expiration().lifespan(EXPIRY.toMillis(), TimeUnit.MILLISECONDS);
            manager.defineConfiguration(Peer.CACHE, cache.build());
            return manager;
        }

        @Bean
        CacheManager cacheManager(DefaultCacheManager infinispan) {
            SimpleCacheManager manager = new SimpleCacheManager();
            manager.setCaches(List.of(new InfinispanCache(Peer.CACHE, infinispan.getCache(Peer.CACHE))));
            return manager;
        }
    }

    /** Reads the number of entries from the environment. */
    abstract static class Placeholders {

        @Bean
        static PropertySourcesPlaceholderConfigurer placeholders() {
            return new PropertySourcesPlaceholderConfigurer();
        }
    }
}
