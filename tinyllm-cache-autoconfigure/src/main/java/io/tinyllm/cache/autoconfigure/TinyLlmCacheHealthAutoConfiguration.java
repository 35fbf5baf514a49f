package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.actuate.CacheHealth;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.snapshot.Snapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Auto-configuration of the health contributor. */
@AutoConfiguration(after = TinyLlmCacheAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REGISTRY)
@ConditionalOnEnabledHealthIndicator("tinyllm-cache")
public final class TinyLlmCacheHealthAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(name = "tinyllmCacheHealthContributor")
    HealthIndicator tinyllmCacheHealthContributor(ObjectProvider<CacheHealth.Source> sources) {
        return new CacheHealth(() -> {
            Map<String, Object> details = new LinkedHashMap<>();
            sources.orderedStream().forEach(source -> details.putAll(source.details()));
            return details;
        });
    }

    @Bean
    CacheHealth.Source tinyLlmCacheWritesHealth(StoreWriters writers) {
        return () -> CacheHealth.writes(writers.all());
    }

    @Bean
    CacheHealth.Source tinyLlmCacheSnapshotsHealth(CacheLifecycle lifecycle) {
        return () -> {
            Snapshots snapshots = lifecycle.snapshots();
            return snapshots == null || snapshots.problems().isEmpty()
                    ? Map.of()
                    : Map.of("snapshots", snapshots.problems());
        };
    }

    /** The health of the shared tier. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REDIS_TIERS)
    static class RedisHealthConfiguration {

        @Bean
        CacheHealth.Source tinyLlmCacheRedisHealth(RedisTiers tiers) {
            return () -> {
                Map<String, Object> details = new LinkedHashMap<>(
                        CacheHealth.backends(tiers.backends().health()));
                if (!tiers.replications().isEmpty()) {
                    details.put("replication", tiers.replications());
                }
                return details;
            };
        }
    }
}
