package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What a newcomer types first, and what the log says. */
@ExtendWith(OutputCaptureExtension.class)
class FirstStartTests {

    @Test
    void theHintForTtlIsTimeToLive(CapturedOutput output) {
        assertThat(catchThrowable(
                        () -> Apps.start(App.class, "tinyllm.cache.caches.things.ttl=1h", "logging.level.root=ERROR")))
                .isNotNull();
        assertThat(output).contains("Instead of 'ttl' write 'time-to-live'");
    }

    @Test
    void theHintForASettingAtTheTopIsDefaults(CapturedOutput output) {
        assertThat(catchThrowable(
                        () -> Apps.start(App.class, "tinyllm.cache.time-to-live=1h", "logging.level.root=ERROR")))
                .isNotNull();
        assertThat(output).contains("tinyllm.cache.defaults.time-to-live");
    }

    @Test
    void oneLineSaysWhichCachesThereAreAndWhichOfThemShareThroughRedis(CapturedOutput output) {
        try (var app = Apps.start(
                App.class,
                "spring.data.redis.port=" + Apps.redis(),
                "tinyllm.cache.caches.orders.redis.enabled=true")) {
            assertThat(app.isRunning()).isTrue();
        }
        assertThat(output.toString().lines().filter(line -> line.contains("serves the cached methods")))
                .singleElement()
                .asString()
                .contains("orders: memory + Redis (shared with other instances)")
                .contains("lazies, things: memory (this instance only)");
    }

    @Test
    void settingsOfSpringBootsCachesThatHaveNoEffectAreNamedOnceWithWhatToUseInstead(CapturedOutput output) {
        try (var app = Apps.start(
                AppWithCaffeine.class,
                "spring.cache.caffeine.spec=expireAfterWrite=1s",
                "spring.cache.redis.time-to-live=1s")) {
            assertThat(app.isRunning()).isTrue();
        }
        assertThat(output.toString().lines().filter(line -> line.contains("have no effect")))
                .singleElement()
                .asString()
                .contains("WARN")
                .contains("spring.cache.caffeine.spec (use tinyllm.cache.defaults.memory.maximum-size")
                .contains("spring.cache.redis.time-to-live (use tinyllm.cache.defaults.time-to-live")
                .contains("bean 'caffeine', a Caffeine");
    }

    @Test
    void settingsThatDoNotFitTogetherAreNamedWithARemedy(CapturedOutput output) {
        try (var app = Apps.start(
                App.class,
                "tinyllm.cache.caches.things.time-to-live=0s",
                "tinyllm.cache.caches.things.refresh-ahead=0.5",
                "tinyllm.cache.caches.lazies.redis.single-flight=true",
                "tinyllm.cache.caches.nobodys.prefetch.enabled=true")) {
            assertThat(app.isRunning()).isTrue();
        }
        assertThat(output)
                .containsOnlyOnce(
                        "Settings of things: refresh-ahead has no effect, since entries never expire: set time-to-live")
                .containsOnlyOnce("Settings of lazies: redis.single-flight has no effect without Redis")
                .containsOnlyOnce("Settings of nobodys: there is nothing to prefetch from");
    }

    @Test
    void withoutSuchSettingsNothingIsSaidOfThem(CapturedOutput output) {
        try (var app = Apps.start(App.class)) {
            assertThat(app.isRunning()).isTrue();
        }
        assertThat(output).doesNotContain("have no effect").contains("serves the cached methods");
    }

    @Test
    void cachesThatOnlyAnnotationsNameAreRestoredBeforeTheApplicationIsReady(@TempDir Path directory) {
        String[] saved = {
            "tinyllm.cache.defaults.snapshot.enabled=true", "tinyllm.cache.snapshots.directory=" + directory
        };
        String value;
        try (var before = Apps.start(App.class, saved)) {
            value = before.getBean(Service.class).lazy("a");
        }
        try (var after = Apps.start(App.class, saved)) {
            assertThat(after.getBean(CacheManager.class).getCacheNames()).contains("lazies", "things", "orders");
            assertThat(after.getBean(Service.class).lazy("a")).isEqualTo(value);
        }
    }

    @Test
    void lazyBeansChangeNothing(@TempDir Path directory, CapturedOutput output) {
        String[] lazy = {
            "spring.main.lazy-initialization=true",
            "tinyllm.cache.defaults.snapshot.enabled=true",
            "tinyllm.cache.snapshots.directory=" + directory
        };
        String value;
        try (var before = Apps.start(App.class, lazy)) {
            value = before.getBean(Service.class).lazy("a");
        }
        try (var after = Apps.start(App.class, lazy)) {
            assertThat(after.getBean(CacheManager.class).getCacheNames()).contains("lazies");
            assertThat(after.getBean(Service.class).lazy("a")).isEqualTo(value);
        }
        assertThat(output).contains("serves the cached methods");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableCaching
    @Import(Service.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class AppWithCaffeine {

        @Bean
        com.github.benmanes.caffeine.cache.Caffeine<Object, Object> caffeine() {
            return com.github.benmanes.caffeine.cache.Caffeine.newBuilder().maximumSize(10);
        }
    }

    static class Service {

        private static final AtomicInteger CALLS = new AtomicInteger();

        @Cacheable("things")
        public int thing(String key) {
            return CALLS.incrementAndGet();
        }

        @Cacheable("lazies")
        public String lazy(String key) {
            return key + CALLS.incrementAndGet();
        }

        @CacheEvict("orders")
        public void forget(String key) {}
    }
}
