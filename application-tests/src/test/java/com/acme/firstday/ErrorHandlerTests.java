package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.interceptor.CacheErrorHandler;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.cache.interceptor.CacheResolver;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.cache.interceptor.LoggingCacheErrorHandler;
import org.springframework.cache.interceptor.SimpleCacheErrorHandler;
import org.springframework.cache.interceptor.SimpleCacheResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A CachingConfigurer of the application, in all its forms. */
@ExtendWith(OutputCaptureExtension.class)
class ErrorHandlerTests {

    private static final String REMEMBERED = "tinyllm.cache.caches.things.negative.enabled=true";

    @Test
    void theInterceptorsHandlerIsTheApplications() {
        try (var app = Apps.start(AppWithHandler.class, Apps.PLAIN)) {
            CacheInterceptor interceptor = app.getBean(CacheInterceptor.class);
            assertThat(interceptor.getErrorHandler()).isSameAs(AppWithHandler.HANDLER);
        }
    }

    @Test
    void itIsHandedTheFaultsOfCachesAndNotTheOutcomesOfLoads() {
        try (var app = Apps.start(AppWithHandler.class, Apps.PLAIN, REMEMBERED)) {
            Service service = app.getBean(Service.class);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> service.failing("a")).isInstanceOf(IllegalStateException.class);
                assertThat(service.failingLater("b"))
                        .failsWithin(Duration.ofSeconds(5))
                        .withThrowableThat()
                        .withStackTraceContaining("later");
            }
            assertThat(service.calls()).isEqualTo(2);
            assertThat(AppWithHandler.HANDLER.errors).hasValue(0);
            assertThat(service.broken("a")).isEqualTo("a");
            assertThat(AppWithHandler.HANDLER.errors).hasPositiveValue();
        }
    }

    @Test
    void aHandlerThatIsSetLaterCountsFromThenOn() {
        try (var app = Apps.start(AppWithHandler.class, Apps.PLAIN)) {
            CacheInterceptor interceptor = app.getBean(CacheInterceptor.class);
            Service service = app.getBean(Service.class);
            assertThat(service.broken("a")).isEqualTo("a");
            SimpleCacheErrorHandler strict = new SimpleCacheErrorHandler();
            interceptor.setErrorHandler(strict);
            assertThat(interceptor.getErrorHandler()).isSameAs(strict);
            assertThatThrownBy(() -> service.broken("a")).hasMessage("broken");
        }
    }

    @Test
    void aKeyGeneratorOfTheConfigurersIsUsed() {
        try (var app = Apps.start(AppWithGenerator.class, Apps.PLAIN)) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("b"));
            assertThat(app.getBean(CacheManager.class).getCache("things").get("one"))
                    .isNotNull();
        }
    }

    @Test
    void aResolverOfTheConfigurersIsUsed() {
        try (var app = Apps.start(AppWithResolver.class, Apps.PLAIN)) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            assertThat(AppWithResolver.MANAGER.getCache("things").get("a")).isNotNull();
        }
    }

    @Test
    void aManagerOfTheConfigurersIsUsedAndOneLineSaysSo(CapturedOutput output) {
        try (var app = Apps.start(AppWithConfiguredManager.class, Apps.PLAIN)) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            assertThat(AppWithConfiguredManager.MANAGER.getCache("things").get("a"))
                    .isNotNull();
        }
        assertThat(output).containsOnlyOnce("CachingConfigurer");
    }

    static final class CountingHandler extends LoggingCacheErrorHandler {

        final AtomicInteger errors = new AtomicInteger();

        @Override
        public void handleCacheGetError(RuntimeException exception, Cache cache, Object key) {
            errors.incrementAndGet();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableCaching
    @Import(Service.class)
    static class AppWithHandler implements CachingConfigurer {

        static final CountingHandler HANDLER = new CountingHandler();

        @Override
        public CacheErrorHandler errorHandler() {
            return HANDLER;
        }

        @Bean
        Cache broken() {
            return new ConcurrentMapCache("broken") {

                @Override
                protected Object lookup(Object key) {
                    throw new IllegalStateException("broken");
                }
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithGenerator implements CachingConfigurer {

        @Override
        public KeyGenerator keyGenerator() {
            return (target, method, params) -> "one";
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithResolver implements CachingConfigurer {

        static final ConcurrentMapCacheManager MANAGER = new ConcurrentMapCacheManager();

        @Override
        public CacheResolver cacheResolver() {
            return new SimpleCacheResolver(MANAGER);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithConfiguredManager implements CachingConfigurer {

        static final ConcurrentMapCacheManager MANAGER = new ConcurrentMapCacheManager();

        @Override
        public CacheManager cacheManager() {
            return MANAGER;
        }
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @Cacheable("things")
        public int thing(String key) {
            return calls.incrementAndGet();
        }

        @Cacheable("things")
        public int failing(String key) {
            calls.incrementAndGet();
            throw new IllegalStateException("now");
        }

        @Cacheable("things")
        public CompletableFuture<String> failingLater(String key) {
            calls.incrementAndGet();
            return CompletableFuture.failedFuture(new IllegalStateException("later"));
        }

        @Cacheable("broken")
        public String broken(String key) {
            return key;
        }
    }
}
