package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/** How properties and customizers become the settings of a cache. */
class CacheSettingsTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
            .withUserConfiguration(Recording.class);

    @Test
    void withoutPropertiesTheDocumentedDefaultsApply() {
        with(settings -> {
            CacheSettings any = settings.get("any");
            assertThat(any.getTimeToLive()).isEqualTo(Duration.ofMinutes(10));
            assertThat(any.getTimeToLiveJitter()).isZero();
            assertThat(any.getLoadTimeout()).isEqualTo(Duration.ofSeconds(30));
            assertThat(any.isSingleFlight()).isTrue();
            assertThat(any.getMemory().getMaximumSize()).isEqualTo(10_000);
        });
    }

    @Test
    void aNamedCacheOverridesTheDefaultsPropertyByProperty() {
        with(
                settings -> {
                    CacheSettings named = settings.get("named");
                    assertThat(named.getTimeToLive()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(named.getLoadTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(named.isSingleFlight()).isFalse();
                    assertThat(named.getMemory().getMaximumSize()).isEqualTo(20);
                    CacheSettings other = settings.get("any");
                    assertThat(other.getTimeToLive()).isEqualTo(Duration.ofMinutes(1));
                    assertThat(other.getMemory().getMaximumSize()).isEqualTo(10);
                    assertThat(other.isSingleFlight()).isTrue();
                },
                "tinyllm.cache.defaults.time-to-live=1m",
                "tinyllm.cache.defaults.load-timeout=7s",
                "tinyllm.cache.defaults.memory.maximum-size=10",
                "tinyllm.cache.caches.named.time-to-live=5s",
                "tinyllm.cache.caches.named.single-flight=false",
                "tinyllm.cache.caches.named.memory.maximum-size=20");
    }

    @Test
    void aNamedCacheMayGoBackToADefaultOfTheLibrary() {
        with(
                settings -> assertThat(settings.get("named").getTimeToLive()).isEqualTo(Duration.ofMinutes(10)),
                "tinyllm.cache.defaults.time-to-live=1m",
                "tinyllm.cache.caches.named.time-to-live=10m");
    }

    @Test
    void anOverriddenGroupKeepsTheRestOfTheDefaults() {
        with(
                settings -> {
                    assertThat(settings.get("named").getMemory().getMaximumSize())
                            .isEqualTo(10);
                    assertThat(settings.get("named").getTimeToLiveJitter()).isEqualTo(0.25);
                },
                "tinyllm.cache.defaults.memory.maximum-size=10",
                "tinyllm.cache.caches.named.time-to-live-jitter=0.25");
    }

    @Test
    void cachesOfOneNameEachDoNotShareSettings() {
        with(
                settings -> {
                    assertThat(settings.get("a").getMemory())
                            .isNotSameAs(settings.get("b").getMemory());
                    assertThat(settings.get("a").getMemory().getMaximumSize()).isEqualTo(1);
                    assertThat(settings.get("b").getMemory().getMaximumSize()).isEqualTo(2);
                    assertThat(settings.get("any").getMemory().getMaximumSize()).isEqualTo(10_000);
                },
                "tinyllm.cache.caches.a.memory.maximum-size=1",
                "tinyllm.cache.caches.b.memory.maximum-size=2");
    }

    @Test
    void namesWithDotsAndCapitalsAreTakenAsTheyAre() {
        with(
                settings -> {
                    assertThat(settings.get("quotes.eu").getTimeToLive()).isEqualTo(Duration.ofSeconds(1));
                    assertThat(settings.get("byUserId").getTimeToLive()).isEqualTo(Duration.ofSeconds(2));
                    assertThat(settings.get("a b/c").getTimeToLive()).isEqualTo(Duration.ofSeconds(4));
                },
                "tinyllm.cache.caches.[quotes.eu].time-to-live=1s",
                "tinyllm.cache.caches.byUserId.time-to-live=2s",
                "tinyllm.cache.caches.[a b/c].time-to-live=4s");
    }

    @Test
    void propertiesMayBeWrittenInCamelCase() {
        with(
                settings -> {
                    assertThat(settings.get("any").getTimeToLive()).isEqualTo(Duration.ofSeconds(5));
                    assertThat(settings.get("named").getMemory().getMaximumSize())
                            .isEqualTo(3);
                },
                "tinyllm.cache.defaults.timeToLive=5s",
                "tinyllm.cache.caches.named.memory.maximumSize=3");
    }

    @Test
    void anEmptyDurationLeavesTheDefault() {
        with(
                settings -> {
                    assertThat(settings.get("any").getTimeToLive()).isEqualTo(Duration.ofMinutes(10));
                    assertThat(settings.get("named").getLoadTimeout()).isEqualTo(Duration.ofSeconds(7));
                },
                "tinyllm.cache.defaults.time-to-live=",
                "tinyllm.cache.defaults.load-timeout=7s",
                "tinyllm.cache.caches.named.time-to-live=1m",
                "tinyllm.cache.caches.named.load-timeout=");
    }

    @Test
    void customizersComeAfterThePropertiesInTheirOrder() {
        runner.withUserConfiguration(Customizing.class)
                .withPropertyValues("tinyllm.cache.caches.named.time-to-live=5s")
                .run(context -> {
                    Recording recording = context.getBean(Recording.class);
                    CacheManager manager = context.getBean(CacheManager.class);
                    manager.getCache("any");
                    assertThat(recording.seen.get("named").getTimeToLive()).isEqualTo(Duration.ofSeconds(15));
                    assertThat(recording.seen.get("any").getTimeToLive()).isEqualTo(Duration.ofSeconds(610));
                });
    }

    @Test
    void theSettingsOfAnExistingCacheAreFixed() {
        with(settings -> {
            CacheSettings any = settings.get("any");
            assertThatThrownBy(() -> any.setTimeToLive(Duration.ofHours(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("CacheCustomizer");
            assertThatThrownBy(() -> any.getMemory().setMaximumSize(1)).isInstanceOf(IllegalStateException.class);
            assertThat(any.getTimeToLive()).isEqualTo(Duration.ofMinutes(10));
        });
    }

    @Test
    void theDefaultMaximumSizeIsTheBoundOfEveryCache() {
        runner.withPropertyValues("tinyllm.cache.defaults.memory.maximum-size=17")
                .run(context -> assertThat(((io.tinyllm.cache.core.TieredCache) context.getBean(CacheManager.class)
                                        .getCache("any")
                                        .getNativeCache())
                                .memory()
                                .maximumSize())
                        .isEqualTo(17));
    }

    private void with(Consumer<Map<String, CacheSettings>> check, String... properties) {
        runner.withPropertyValues(properties).run(context -> {
            assertThat(context).hasNotFailed();
            context.getBean(CacheManager.class).getCache("any");
            check.accept(context.getBean(Recording.class).seen);
        });
    }

    /** Sees the settings of each cache last. */
    @Configuration(proxyBeanMethods = false)
    static class Recording {

        private final Map<String, CacheSettings> seen = new ConcurrentHashMap<>();

        @Bean
        @Order(100)
        CacheCustomizer recordingCustomizer() {
            return seen::put;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizing {

        @Bean
        @Order(2)
        CacheCustomizer second() {
            return (name, settings) -> settings.setTimeToLive(
                    settings.getTimeToLive().multipliedBy(1).plusSeconds(8));
        }

        @Bean
        @Order(1)
        CacheCustomizer first() {
            return (name, settings) ->
                    settings.setTimeToLive(settings.getTimeToLive().plusSeconds(2));
        }
    }
}
