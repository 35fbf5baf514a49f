package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.Set;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;

/** An application context that comes and goes leaves nothing running. */
class RestartTests {

    private static final int RESTARTS = 30;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    SimpleMetricsExportAutoConfiguration.class,
                    TinyLlmCacheAutoConfiguration.class,
                    TinyLlmCacheMetricsAutoConfiguration.class))
            .withPropertyValues("tinyllm.cache.caches.named.time-to-live=1m");

    @Test
    void noThreadOutlivesItsContext() {
        use();
        Set<Thread> before = threads();
        for (int i = 0; i < RESTARTS; i++) {
            use();
        }
        await().pollInSameThread().untilAsserted(() -> assertThat(threads()).isSubsetOf(before));
    }

    private void use() {
        runner.run(context -> {
            for (String name : new String[] {"named", "demanded"}) {
                Cache cache = context.getBean(CacheManager.class).getCache(name);
                for (int key = 0; key < 200; key++) {
                    cache.put(key, "value");
                    cache.get(key);
                    cache.get(-key - 1, () -> "loaded");
                }
            }
        });
    }

    /** All threads but those of the JDK's common pool, which come and go. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !(thread instanceof ForkJoinWorkerThread))
                .collect(Collectors.toSet());
    }
}
