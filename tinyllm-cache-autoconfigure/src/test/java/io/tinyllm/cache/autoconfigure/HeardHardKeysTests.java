package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.redis.RedisProcess;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Two instances on one Redis, both with a value in memory: a put, an evict and a clear in one are seen by the other,
 * whatever the key is made of, by either way of invalidation, and what the one has put the other reads.
 */
class HeardHardKeysTests {

    private static RedisProcess redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    private static ApplicationContextRunner node(String invalidation, String prefix) {
        return new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + redis.port(),
                        "tinyllm.cache.redis.key-prefix=" + prefix,
                        "tinyllm.cache.redis.startup-timeout=30s",
                        "tinyllm.cache.defaults.time-to-live=1h",
                        "tinyllm.cache.defaults.redis.enabled=true",
                        "tinyllm.cache.defaults.redis.invalidation=" + invalidation,
                        "tinyllm.cache.defaults.redis.timeout=5s");
    }

    /** One method for each kind of key, in each of three roles. */
    private interface Role {
        String on(Texts texts);
    }

    private record Kind(Role read, Role put, Role evict) {}

    private static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        Language language = Language.GERMAN;
        kinds.put(
                "an enum", new Kind(t -> t.byEnum(language), t -> t.putByEnum(language), t -> t.evictByEnum(language)));
        List<Tenant> list = List.of(new Tenant("acme", language), new Tenant("other", Language.ENGLISH));
        kinds.put("a list of records", new Kind(t -> t.byList(list), t -> t.putByList(list), t -> t.evictByList(list)));
        Map<Tenant, List<Language>> map = new LinkedHashMap<>();
        map.put(new Tenant("acme", language), List.of(Language.GERMAN, Language.ENGLISH));
        map.put(new Tenant("other", Language.ENGLISH), List.of());
        kinds.put("a map of records", new Kind(t -> t.byMap(map), t -> t.putByMap(map), t -> t.evictByMap(map)));
        for (Shape shape :
                new Shape[] {new Circle(2), new Group(List.of(new Circle(1), new Square(LocalDate.EPOCH)))}) {
            kinds.put(
                    "a sealed " + shape,
                    new Kind(t -> t.byShape(shape), t -> t.putByShape(shape), t -> t.evictByShape(shape)));
        }
        UUID id = UUID.nameUUIDFromBytes(new byte[3]);
        kinds.put(
                "what a key generator makes",
                new Kind(t -> t.generated(7, id), t -> t.putGenerated(7, id), t -> t.evictGenerated(7, id)));
        kinds.put(
                "several arguments",
                new Kind(
                        t -> t.bySeveral(language, list, Optional.of("x")),
                        t -> t.putBySeveral(language, list, Optional.of("x")),
                        t -> t.evictBySeveral(language, list, Optional.of("x"))));
        Set<Language> set = Set.of(Language.GERMAN, Language.ENGLISH);
        kinds.put(
                "an expression that makes a list",
                new Kind(
                        t -> t.byExpression(new Tenant("acme", language), set),
                        t -> t.putByExpression(new Tenant("acme", language), set),
                        t -> t.evictByExpression(new Tenant("acme", language), set)));
        return kinds;
    }

    @ParameterizedTest
    @CsvSource({"tracking", "pub-sub"})
    void whatTheOtherInstanceChangesIsSeenWhateverTheKeyIsMadeOf(String invalidation) {
        String prefix = "hard-" + invalidation + ":";
        node(invalidation, prefix)
                .run(one -> node(invalidation, prefix).run(two -> {
                    Texts here = one.getBean(Texts.class);
                    Texts there = two.getBean(Texts.class);
                    List<String> kept = new ArrayList<>();
                    kinds().forEach((name, kind) -> {
                        String first = kind.put.on(here);
                        assertThat(kind.read.on(there)).as("shared: " + name).isEqualTo(first);
                        assertThat(kind.read.on(here)).as("kept: " + name).isEqualTo(first);

                        String second = kind.put.on(there);
                        assertThat(second).isNotEqualTo(first);
                        await().atMost(Duration.ofSeconds(10))
                                .untilAsserted(() -> assertThat(kind.read.on(here))
                                        .as("a put there: " + name)
                                        .isEqualTo(second));

                        kind.evict.on(here);
                        await().atMost(Duration.ofSeconds(10))
                                .untilAsserted(() -> assertThat(kind.read.on(there))
                                        .as("an evict here: " + name)
                                        .isNotIn(first, second));

                        String last = kind.put.on(there);
                        await().atMost(Duration.ofSeconds(10))
                                .untilAsserted(() -> assertThat(kind.read.on(here))
                                        .as("before the clear: " + name)
                                        .isEqualTo(last));
                        kept.add(last);
                    });
                    there.clear();
                    kinds().forEach((name, kind) -> await().atMost(Duration.ofSeconds(10))
                            .untilAsserted(() -> assertThat(kind.read.on(here))
                                    .as("a clear there: " + name)
                                    .isNotIn(kept)));
                }));
    }

    public enum Language {
        ENGLISH,
        GERMAN {
            @Override
            public String toString() {
                return "Deutsch";
            }
        }
    }

    public record Tenant(String name, Language language) {}

    /** Types that one of several stands for. */
    public sealed interface Shape permits Circle, Square, Group {}

    public record Circle(int radius) implements Shape {}

    public record Square(LocalDate since) implements Shape {}

    public record Group(List<Shape> members) implements Shape {}

    public record Generated(String method, int number, UUID id) {}

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Texts texts() {
            return new Texts();
        }

        @Bean
        KeyGenerator own() {
            // one key for all three roles
            return (Object target, Method method, Object... arguments) ->
                    new Generated("generated", (Integer) arguments[0], (UUID) arguments[1]);
        }
    }

    public static class Texts {

        private static final AtomicInteger VERSIONS = new AtomicInteger();

        private static String next() {
            return "version " + VERSIONS.incrementAndGet();
        }

        @CacheEvict(cacheNames = "hard", allEntries = true)
        public void clear() {}

        @Cacheable("hard")
        public String byEnum(Language key) {
            return next();
        }

        @CachePut("hard")
        public String putByEnum(Language key) {
            return next();
        }

        @CacheEvict("hard")
        public String evictByEnum(Language key) {
            return "";
        }

        @Cacheable("hard")
        public String byList(List<Tenant> key) {
            return next();
        }

        @CachePut("hard")
        public String putByList(List<Tenant> key) {
            return next();
        }

        @CacheEvict("hard")
        public String evictByList(List<Tenant> key) {
            return "";
        }

        @Cacheable("hard")
        public String byMap(Map<Tenant, List<Language>> key) {
            return next();
        }

        @CachePut("hard")
        public String putByMap(Map<Tenant, List<Language>> key) {
            return next();
        }

        @CacheEvict("hard")
        public String evictByMap(Map<Tenant, List<Language>> key) {
            return "";
        }

        @Cacheable("hard")
        public String byShape(Shape key) {
            return next();
        }

        @CachePut("hard")
        public String putByShape(Shape key) {
            return next();
        }

        @CacheEvict("hard")
        public String evictByShape(Shape key) {
            return "";
        }

        @Cacheable(cacheNames = "hard", keyGenerator = "own")
        public String generated(int number, UUID id) {
            return next();
        }

        @CachePut(cacheNames = "hard", keyGenerator = "own")
        public String putGenerated(int number, UUID id) {
            return next();
        }

        @CacheEvict(cacheNames = "hard", keyGenerator = "own")
        public String evictGenerated(int number, UUID id) {
            return "";
        }

        @Cacheable("hard")
        public String bySeveral(Language language, List<Tenant> tenants, Optional<String> more) {
            return next();
        }

        @CachePut("hard")
        public String putBySeveral(Language language, List<Tenant> tenants, Optional<String> more) {
            return next();
        }

        @CacheEvict("hard")
        public String evictBySeveral(Language language, List<Tenant> tenants, Optional<String> more) {
            return "";
        }

        @Cacheable(cacheNames = "hard", key = "{#tenant, #languages, 'x'}")
        public String byExpression(Tenant tenant, Set<Language> languages) {
            return next();
        }

        @CachePut(cacheNames = "hard", key = "{#tenant, #languages, 'x'}")
        public String putByExpression(Tenant tenant, Set<Language> languages) {
            return next();
        }

        @CacheEvict(cacheNames = "hard", key = "{#tenant, #languages, 'x'}")
        public String evictByExpression(Tenant tenant, Set<Language> languages) {
            return "";
        }
    }
}
