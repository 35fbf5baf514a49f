package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.core.KeyState;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** One rule for the time-to-live of single entries, wherever they are and however they came. */
class TimeToLiveApplicationTests {

    private static final String CACHE = "tinyllm.cache.caches.words.";

    private static ApplicationContextRunner application(String... properties) {
        return new ApplicationContextRunner()
                .withConfiguration(
                        AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class, DataRedisAutoConfiguration.class))
                .withUserConfiguration(Application.class)
                .withPropertyValues(CACHE + "time-to-live=1h")
                .withPropertyValues(properties);
    }

    private static TieredCache cache(ApplicationContext context) {
        return (TieredCache)
                Objects.requireNonNull(context.getBean(CacheManager.class).getCache("words"))
                        .getNativeCache();
    }

    private static String say(ApplicationContext context, String word) {
        return context.getBean(Words.class).say(word);
    }

    private static long seconds(Long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    @Test
    void aRuleHoldsInMemoryAndInRedisWhateverRedisHasOfItsOwn() {
        try (RedisProcess redis = RedisProcess.start()) {
            application(
                            "spring.data.redis.host=127.0.0.1",
                            "spring.data.redis.port=" + redis.port(),
                            CACHE + "redis.enabled=true",
                            CACHE + "redis.timeout=5s",
                            CACHE + "redis.time-to-live=10h")
                    .run(context -> {
                        for (String word : new String[] {"plain", "brief", "lasting", "never"}) {
                            say(context, word);
                        }
                        Objects.requireNonNull(
                                        context.getBean(CacheManager.class).getCache("words"))
                                .put("lasting put", "value");
                        assertThat(life(context, "plain", false)).isBetween(3590L, 3600L);
                        assertThat(life(context, "plain", true)).isBetween(35_990L, 36_000L);
                        for (boolean remote : new boolean[] {false, true}) {
                            assertThat(life(context, "brief", remote)).isBetween(50L, 60L);
                            assertThat(life(context, "lasting", remote)).isBetween(10_790L, 10_800L);
                            assertThat(life(context, "lasting put", remote)).isBetween(10_790L, 10_800L);
                        }
                        assertThat(cache(context).inspect("never").state()).isEqualTo(KeyState.State.ABSENT);
                        assertThat(cache(context).inspect("brief").because()).contains("rule");
                        say(context, "never");
                        assertThat(context.getBean(Words.class).calls()).isEqualTo(5);
                    });
        }
    }

    /** For how many seconds a key is fresh, here or in Redis. */
    private static long life(ApplicationContext context, String key, boolean remote) {
        KeyState state = cache(context).inspect(key);
        Long nanos = remote ? Objects.requireNonNull(state.remote()).remainingNanos() : state.remainingNanos();
        return seconds(Objects.requireNonNull(nanos));
    }

    @Test
    void aRuleHoldsForWhatASnapshotBringsBack(@TempDir Path directory) {
        ApplicationContextRunner saving = application(
                CACHE + "snapshot.enabled=true", "tinyllm.cache.snapshots.directory=" + directory.resolve("words"));
        saving.run(context -> {
            say(context, "brief");
            say(context, "lasting");
            say(context, "never");
        });
        saving.run(context -> {
            assertThat(life(context, "brief", false)).isBetween(1L, 60L);
            assertThat(life(context, "lasting", false)).isBetween(3601L, 10_800L);
            assertThat(cache(context).inspect("never").state()).isEqualTo(KeyState.State.ABSENT);
            say(context, "brief");
            say(context, "lasting");
            assertThat(context.getBean(Words.class).calls()).isEqualTo(0);
        });
    }

    @Test
    void aRuleHoldsForWhatIsRefreshedAndWhatIsPrefetched() {
        application(CACHE + "refresh-ahead=0.1").run(context -> {
            say(context, "growing");
            // The rule looks at the value: the first is to live a second, every other for hours.
            await().until(() -> say(context, "growing").equals("growing 2"));
            assertThat(life(context, "growing", false)).isBetween(10_700L, 10_800L);
            assertThat(cache(context)
                            .stage(
                                    "lasting",
                                    load -> load.run(() -> "value"),
                                    (key, entry) -> cache(context).memory().put(key, entry))
                            .get(10, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(life(context, "lasting", false)).isBetween(10_790L, 10_800L);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Application {

        @Bean
        Words words() {
            return new Words();
        }

        @Bean
        TimeToLive rule() {
            return (cacheName, key, value) -> {
                String word = (String) key;
                if (word.startsWith("lasting")) {
                    return Duration.ofHours(3);
                }
                if (word.equals("growing")) {
                    return "growing 1".equals(value) ? Duration.ofSeconds(1) : Duration.ofHours(3);
                }
                return word.equals("brief") ? Duration.ofMinutes(1) : word.equals("never") ? Duration.ZERO : null;
            };
        }
    }

    static class Words {

        private final AtomicInteger calls = new AtomicInteger();

        public int calls() {
            return calls.get();
        }

        @Cacheable("words")
        public String say(String word) {
            return word + " " + calls.incrementAndGet();
        }
    }
}
