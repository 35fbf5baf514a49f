package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.remote.BackendGuard;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Replication as an application gets it from its properties. */
class ReplicationAutoConfigurationTests {

    private static ApplicationContextRunner application(int primary) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class,
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheMetricsAutoConfiguration.class,
                        TinyLlmCacheHealthAutoConfiguration.class))
                .withUserConfiguration(Meters.class)
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + primary,
                        "tinyllm.cache.caches.answers.memory.enabled=false",
                        "tinyllm.cache.caches.answers.redis.enabled=true",
                        "tinyllm.cache.caches.answers.redis.timeout=2s",
                        "tinyllm.cache.caches.answers.replication.enabled=true");
    }

    @Test
    void aReplicaAnswersWhileThePrimaryIsDownAndIsCountedAndShown() throws Exception {
        try (RedisProcess primary = RedisProcess.start();
                RedisProcess replica = RedisProcess.start()) {
            application(primary.port())
                    .withPropertyValues(
                            "tinyllm.cache.redis.replicas.eu-west.url=redis://127.0.0.1:" + replica.port(),
                            "tinyllm.cache.caches.answers.replication.replicas=eu-west")
                    .run(context -> {
                        Cache cache = context.getBean(CacheManager.class).getCache("answers");
                        await().atMost(Duration.ofSeconds(20)).until(() -> {
                            cache.put("a", "kept");
                            return cache.get("a") != null;
                        });
                        MeterRegistry meters = context.getBean(MeterRegistry.class);
                        await().atMost(Duration.ofSeconds(20))
                                .until(() -> meters.get("tinyllm.cache.replication.lag")
                                                .tag("backend", "eu-west")
                                                .gauge()
                                                .value()
                                        == 0);
                        context.getBeansOfType(MeterBinder.class).values().forEach(binder -> binder.bindTo(meters));
                        for (String reason : BackendGuard.reasons()) {
                            assertThat(meters.get("tinyllm.cache.remote.errors")
                                            .tag("reason", reason)
                                            .functionCounter())
                                    .isNotNull();
                        }
                        primary.kill();
                        await().atMost(Duration.ofSeconds(20)).until(() -> cache.get("a") != null);
                        assertThat(cache.get("a").get()).isEqualTo("kept");
                        TieredCache tiered = (TieredCache) cache.getNativeCache();
                        assertThat(tiered.counters().replicaHits()).isPositive();
                        assertThat(context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                                        .health()
                                        .getDetails()
                                        .toString())
                                .contains("FAILED_OVER")
                                .contains("eu-west");
                    });
        }
    }

    @Test
    void anUnknownReplicaStopsTheStartByName() {
        application(1)
                .withPropertyValues("tinyllm.cache.caches.answers.replication.replicas=nowhere")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("nowhere")
                        .hasMessageContaining("tinyllm.cache.redis.replicas"));
    }

    @Test
    void anUnknownReplicaStopsTheStartThoughOnlyTheDefaultsNameIt() {
        application(1)
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.replication.enabled=false",
                        "tinyllm.cache.defaults.redis.enabled=true",
                        "tinyllm.cache.defaults.replication.enabled=true",
                        "tinyllm.cache.defaults.replication.replicas=nowhere")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.defaults.replication.replicas")
                        .hasMessageContaining("nowhere"));
    }

    @Test
    void replicationWithoutASharedTierStopsTheStart() {
        application(1)
                .withPropertyValues(
                        "tinyllm.cache.caches.answers.redis.enabled=false",
                        "tinyllm.cache.caches.answers.memory.enabled=true",
                        "tinyllm.cache.caches.answers.replication.replicas=x")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tinyllm.cache.caches.answers.replication.enabled"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Meters {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }
}
