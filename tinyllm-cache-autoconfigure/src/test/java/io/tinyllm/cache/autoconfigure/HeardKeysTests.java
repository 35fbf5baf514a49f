package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.redis.RedisProcess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Two instances on one Redis: an evict in one is heard in the other, whatever the keys are made of. */
class HeardKeysTests {

    private static RedisProcess redis;

    @BeforeAll
    static void startRedis() {
        redis = RedisProcess.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    private static ApplicationContextRunner node() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataRedisAutoConfiguration.class,
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheHealthAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(
                        "spring.data.redis.host=127.0.0.1",
                        "spring.data.redis.port=" + redis.port(),
                        "tinyllm.cache.defaults.time-to-live=1h",
                        "tinyllm.cache.defaults.redis.enabled=true",
                        "tinyllm.cache.defaults.redis.timeout=5s",
                        "tinyllm.cache.caches.text.redis.enabled=true",
                        "tinyllm.cache.caches.record.redis.enabled=true",
                        "tinyllm.cache.caches.nested.redis.enabled=true",
                        "tinyllm.cache.caches.interface.redis.enabled=true",
                        "tinyllm.cache.caches.expression.redis.enabled=true");
    }

    /** A text: heard. The control. */
    @Test
    void anEvictByTextIsHeard() {
        heard("text", texts -> texts.byText("prompt"), (texts, value) -> texts.setByText("prompt", value));
    }

    /** One parameter, a record with an enum in it. */
    @Test
    void anEvictByARecordThatHoldsAnEnumIsHeard() {
        Question question = new Question(Language.GERMAN, "prompt");
        heard("record", texts -> texts.byRecord(question), (texts, value) -> texts.setByRecord(question, value));
    }

    /** One parameter, a record with a record in it. */
    @Test
    void anEvictByARecordThatHoldsARecordIsHeard() {
        Scoped scoped = new Scoped(new Tenant("acme"), "prompt");
        heard("nested", texts -> texts.byNested(scoped), (texts, value) -> texts.setByNested(scoped, value));
    }

    /** A property of a parameter, which is an enum. */
    @Test
    void anEvictByAnExpressionThatIsAnEnumIsHeard() {
        Question question = new Question(Language.GERMAN, "prompt");
        heard(
                "expression",
                texts -> texts.byExpression(question),
                (texts, value) -> texts.setByExpression(question, value));
    }

    /** A parameter that is declared as an interface, as identifiers of several kinds are. */
    @Test
    void anEvictByARecordThatIsDeclaredAsAnInterfaceIsHeard() {
        Identifier id = new CustomerNumber(7);
        heard("interface", texts -> texts.byInterface(id), (texts, value) -> texts.setByInterface(id, value));
    }

    private interface Change {
        void set(Texts texts, String value);
    }

    private static void heard(String cache, Function<Texts, String> read, Change change) {
        Database.ROWS.clear();
        node().run(one -> node().run(two -> {
            awaitRedis(one);
            awaitRedis(two);
            Texts here = one.getBean(Texts.class);
            Texts there = two.getBean(Texts.class);
            change.set(here, "first");
            await().atMost(Duration.ofSeconds(10)).until(() -> "first".equals(read.apply(there)));
            // A value that is still on its way into Redis when its key is changed may stay there: a documented limit.
            await().atMost(Duration.ofSeconds(10)).until(() -> isInRedis(cache));
            assertThat(read.apply(here)).isEqualTo("first");

            change.set(here, "second"); // writes the row and evicts

            assertThat(read.apply(here)).as("where it was changed").isEqualTo("second");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(read.apply(there))
                            .as("in the other instance")
                            .isEqualTo("second"));
        }));
    }

    private static boolean isInRedis(String cache) {
        return redis.call(commands -> commands.keys("*" + cache + ":*")).stream()
                .anyMatch(key ->
                        !key.endsWith(":generation") && !key.contains(":lease:") && !key.contains(":retracted:"));
    }

    private static void awaitRedis(ApplicationContext context) {
        HealthIndicator health = context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class);
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        health.health().getDetails().get("primary").toString().contains("UP"));
    }

    public enum Language {
        ENGLISH,
        GERMAN
    }

    public record Question(Language language, String text) {}

    public record Tenant(String name) {}

    public interface Identifier {}

    public record CustomerNumber(int number) implements Identifier {}

    public record Scoped(Tenant tenant, String text) {}

    static final class Database {
        static final Map<Object, String> ROWS = new ConcurrentHashMap<>();
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Texts texts() {
            return new Texts();
        }
    }

    public static class Texts {

        @Cacheable("text")
        public String byText(String prompt) {
            return Database.ROWS.get(prompt);
        }

        @CacheEvict(cacheNames = "text", key = "#prompt")
        public void setByText(String prompt, String value) {
            Database.ROWS.put(prompt, value);
        }

        @Cacheable("record")
        public String byRecord(Question question) {
            return Database.ROWS.get(question);
        }

        @CacheEvict(cacheNames = "record", key = "#question")
        public void setByRecord(Question question, String value) {
            Database.ROWS.put(question, value);
        }

        @Cacheable("nested")
        public String byNested(Scoped scoped) {
            return Database.ROWS.get(scoped);
        }

        @CacheEvict(cacheNames = "nested", key = "#scoped")
        public void setByNested(Scoped scoped, String value) {
            Database.ROWS.put(scoped, value);
        }

        @Cacheable("interface")
        public String byInterface(Identifier id) {
            return Database.ROWS.get(id);
        }

        @CacheEvict(cacheNames = "interface", key = "#id")
        public void setByInterface(Identifier id, String value) {
            Database.ROWS.put(id, value);
        }

        @Cacheable(cacheNames = "expression", key = "#question.language")
        public String byExpression(Question question) {
            return Database.ROWS.get(question.language());
        }

        @CacheEvict(cacheNames = "expression", key = "#question.language")
        public void setByExpression(Question question, String value) {
            Database.ROWS.put(question.language(), value);
        }
    }
}
