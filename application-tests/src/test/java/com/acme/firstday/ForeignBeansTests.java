package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

/** What an application brings along: caches, connections to Redis, templates. */
@ExtendWith(OutputCaptureExtension.class)
class ForeignBeansTests {

    private static final String SHARED = "tinyllm.cache.caches.things.redis.enabled=true";

    @Test
    void aCacheBeanServesItsNameAndOneLineSaysSo(CapturedOutput output) {
        try (var app = Apps.start(AppWithCache.class, "tinyllm.cache.caches.things.time-to-live=1h")) {
            CacheManager manager = app.getBean(CacheManager.class);
            assertThat(manager.getCache("things")).isSameAs(app.getBean("things"));
            assertThat(manager.getCacheNames()).contains("things", "others", "ours");
            Service service = app.getBean(Service.class);
            int thing = service.thing("a");
            assertThat(service.thing("a")).isEqualTo(thing);
            assertThat(app.getBean("things", Cache.class).get("a").get()).isEqualTo(thing);
            assertThat(service.other("a")).isEqualTo(service.other("a"));
            // One that an application has taken from the manager is no stranger.
            assertThat(app.getBean("ours")).isSameAs(manager.getCache("ours"));
        }
        assertThat(output.toString().lines().filter(line -> line.contains("Cache bean")))
                .singleElement()
                .asString()
                .contains("INFO", "Cache 'things' is served by a Cache bean of the application");
    }

    @Test
    void severalConnectionFactoriesMatterOnlyToACacheThatWantsRedis(CapturedOutput output) {
        // Whose template would want to know which of the two as well.
        String exclude = "spring.autoconfigure.exclude="
                + "org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration";
        try (var app = Apps.start(AppWithTwoFactories.class, exclude)) {
            assertWorks(app);
        }
        assertThat(catchThrowable(() -> Apps.start(AppWithTwoFactories.class, SHARED, exclude)))
                .isNotNull();
        assertThat(output)
                .contains("Property 'tinyllm.cache.caches.things.redis.enabled'")
                .contains("orders, sessions")
                .contains("@Primary");
    }

    @Test
    void anotherClientOfRedisMattersOnlyToACacheThatWantsRedis(CapturedOutput output) {
        try (var app = Apps.start(AppWithJedis.class)) {
            assertWorks(app);
        }
        assertThat(catchThrowable(() -> Apps.start(AppWithJedis.class, SHARED))).isNotNull();
        assertThat(output)
                .contains("Property 'tinyllm.cache.caches.things.redis.enabled'")
                .contains("JedisConnectionFactory")
                .contains("spring.data.redis.client-type=lettuce");
    }

    @Test
    void aFactoryMayBeDeclaredByItsInterfaceAndATemplateUsedBesideTheCaches() {
        try (var app = Apps.start(AppWithInterface.class, SHARED)) {
            assertWorks(app);
            StringRedisTemplate template = app.getBean(StringRedisTemplate.class);
            template.opsForValue().set("mine", "value");
            assertThat(template.opsForValue().get("mine")).isEqualTo("value");
            app.getBean(CacheManager.class).getCache("things").clear();
            assertThat(template.opsForValue().get("mine")).isEqualTo("value");
        }
    }

    private static void assertWorks(ConfigurableApplicationContext app) {
        Service service = app.getBean(Service.class);
        assertThat(service.thing("a")).isEqualTo(service.thing("a"));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithCache {

        @Bean
        Cache things() {
            return new ConcurrentMapCache("things");
        }

        @Bean
        Cache ours(CacheManager manager) {
            return manager.getCache("ours");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithTwoFactories {

        @Bean
        LettuceConnectionFactory orders() {
            return new LettuceConnectionFactory("127.0.0.1", 1);
        }

        @Bean
        LettuceConnectionFactory sessions() {
            return new LettuceConnectionFactory("127.0.0.1", 2);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithJedis {

        @Bean
        JedisConnectionFactory redisConnectionFactory() {
            return new JedisConnectionFactory();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithInterface {

        @Bean
        RedisConnectionFactory redisConnectionFactory() {
            return new LettuceConnectionFactory("127.0.0.1", Apps.redis());
        }
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("things")
        public int thing(String key) {
            return calls.incrementAndGet();
        }

        @Cacheable("others")
        public int other(String key) {
            return calls.incrementAndGet();
        }
    }
}
