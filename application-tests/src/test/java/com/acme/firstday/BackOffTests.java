package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.support.NoOpCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** An application that has relied on the starter to switch caching on, and leaves it out for a while. */
@ExtendWith(OutputCaptureExtension.class)
class BackOffTests {

    @Test
    void switchedOffSpringBootsCachesServe(CapturedOutput output) {
        // The name for those of its caches that make none on demand.
        try (var app = Apps.start(App.class, "tinyllm.cache.enabled=false", "spring.cache.cache-names=things")) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            assertThat(app.getBean(CacheManager.class).getClass().getName()).startsWith("org.springframework.");
        }
        assertThat(output).containsOnlyOnce("tinyllm-cache backs off: tinyllm.cache.enabled is false");
    }

    @Test
    void withATypeThatCacheOfSpringBootsServes(CapturedOutput output) {
        try (var app = Apps.start(App.class, Apps.PLAIN, "spring.cache.type=simple")) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            assertThat(app.getBean(CacheManager.class)).isInstanceOf(ConcurrentMapCacheManager.class);
        }
        assertThat(output).containsOnlyOnce("tinyllm-cache backs off: spring.cache.type is set (simple)");
    }

    @Test
    void withTypeNoneNothingIsCachedAndAManagerIsThere() {
        try (var app = Apps.start(App.class, Apps.PLAIN, "spring.cache.type=none")) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isNotEqualTo(service.thing("a"));
            assertThat(app.getBean(CacheManager.class)).isInstanceOf(NoOpCacheManager.class);
        }
    }

    @Test
    void aManagerOfTheApplicationServes(CapturedOutput output) {
        try (var app = Apps.start(AppWithManager.class, Apps.PLAIN)) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
        }
        assertThat(output).containsOnlyOnce("tinyllm-cache backs off: the application has a CacheManager bean");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithManager {

        @Bean
        CacheManager mine() {
            return new ConcurrentMapCacheManager();
        }
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("things")
        public int thing(String key) {
            return calls.incrementAndGet();
        }
    }
}
