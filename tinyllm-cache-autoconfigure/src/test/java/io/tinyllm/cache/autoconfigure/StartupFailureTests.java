package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tinyllm.cache.CacheCustomizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What an application prints that is started with properties that make no sense: property, value, what is allowed, the
 * fix.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupFailureTests {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tinyllm.cache.defaults.time-to-live             | -1s  | zero or a positive duration  | Use a value such as
            tinyllm.cache.defaults.time-to-live-jitter      | 0.6  | a number from 0 to 0.5       | Choose a number
            tinyllm.cache.defaults.time-to-live-jitter      | -0.1 | a number from 0 to 0.5       | Choose a number
            tinyllm.cache.defaults.time-to-live-jitter      | NaN  | a number from 0 to 0.5       | Choose a number
            tinyllm.cache.defaults.load-timeout             | 0s   | a positive duration          | Use a value such as
            tinyllm.cache.defaults.load-timeout | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.defaults.time-to-live | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.caches.users.redis.time-to-live | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.caches.users.redis.timeout | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.caches.users.stale-if-error | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.caches.users.write.flush-interval | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.caches.users.negative.time-to-live | 17280000000s | a duration of at most 36500d | Use a
            tinyllm.cache.defaults.stale-while-revalidate-wait | -1s | zero or a positive duration | Use a value such as
            tinyllm.cache.defaults.memory.maximum-size      | -1   | a whole number from 0 up     | Choose a number
            tinyllm.cache.caches.users.memory.maximum-size  | -5   | a whole number from 0 up     | Choose a number
            tinyllm.cache.caches.users.load-timeout         | -3s  | a positive duration          | Use a value such as
            tinyllm.cache.defaults.prefetch.window          | 3    | a whole number from 4 to 1000 | Choose a number
            tinyllm.cache.defaults.prefetch.minimum-confidence    | 1.5 | a number from 0 to 1       | Choose a number
            tinyllm.cache.defaults.prefetch.maximum-predictions   | 0   | a whole number from 1 to 100 | Choose a number
            tinyllm.cache.caches.users.prefetch.maximum-concurrency | 17 | a whole number from 1 to 16 | Choose a number
            tinyllm.cache.defaults.llm.maximum-temperature  | 2.5  | a number from 0 to 2         | Choose a number
            tinyllm.cache.llm.currency             | DOLLARS | a code of ISO 4217              | Use a code such as USD
            tinyllm.cache.llm.currency             | QQQ     | a code of ISO 4217              | Use a code such as USD
            tinyllm.cache.llm.prices[gpt*].input   | -1      | a number from 0 to              | Use the price of
            tinyllm.cache.llm.prices[gpt*].cache-write | -0.5 | a number from 0 to             | Use the price of
            tinyllm.cache.llm.background-budget    | 2.00    | an amount of money from 0 up    | such as 2.00/1d
            tinyllm.cache.llm.background-budget    | -2/1d   | an amount of money from 0 up    | such as 2.00/1d
            tinyllm.cache.llm.background-budget    | 2/0s    | an amount of money from 0 up    | such as 2.00/1d
            tinyllm.cache.llm.background-budget    | 2/often | an amount of money from 0 up    | such as 2.00/1d
            tinyllm.cache.caches.[a.b].time-to-live-jitter  | 2.0  | a number from 0 to 0.5       | Choose a number
            """)
    void aValueOutOfRangeIsExplained(String property, String value, String allowed, String fix, CapturedOutput output) {
        assertThat(start(property + "=" + value)).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Property '" + property + "'")
                .contains("Allowed: " + allowed)
                .contains(fix);
        assertThat(output.toString().lines().map(String::strip)).contains("Value: " + value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tinyllm.cache.defaults.time-to-life         | 5m    | time-to-live        | tinyllm.cache.defaults
            tinyllm.cache.caches.users.memory.max-size  | 5     | maximum-size | tinyllm.cache.caches.users.memory
            tinyllm.cache.caches.users.single-flights   | no    | single-flight       | tinyllm.cache.caches.users
            tinyllm.cache.default.time-to-live          | 5m    | defaults            | tinyllm.cache
            tinyllm.cache.enable                        | false | enabled             | tinyllm.cache
            tinyllm.cache.defaults.memory.maximum-sizes | 7     | maximum-size        | tinyllm.cache.defaults.memory
            tinyllm.cache.caches.users.ttl              | 5m    | time-to-live        | tinyllm.cache.caches.users
            tinyllm.cache.defaults.max-size             | 5     | memory.maximum-size | tinyllm.cache.defaults
            tinyllm.cache.defaults.redis.ttl            | 5m    | time-to-live        | tinyllm.cache.defaults.redis
            tinyllm.cache.defaults.write.max-dirty      | 5     | maximum-dirty       | tinyllm.cache.defaults.write
            tinyllm.cache.redis.prefix                  | x     | key-prefix          | tinyllm.cache.redis
            tinyllm.cache.time-to-live                  | 5m    | tinyllm.cache.defaults.time-to-live  | tinyllm.cache
            tinyllm.cache.ttl                           | 5m    | tinyllm.cache.defaults.time-to-live  | tinyllm.cache
            tinyllm.cache.memory.max-size | 5 | tinyllm.cache.defaults.memory.maximum-size | tinyllm.cache.memory
            tinyllm.cache.redis.enabled | true | tinyllm.cache.defaults.redis.enabled | tinyllm.cache.redis
            tinyllm.cache.snapshots.enabled | true | tinyllm.cache.defaults.snapshot.enabled | tinyllm.cache.snapshots
            """)
    void aMisspeltNameIsExplained(String property, String value, String meant, String parent, CapturedOutput output) {
        assertThat(start(property + "=" + value)).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Property: " + property)
                .contains("Value: " + value)
                .contains("write '" + meant + "'")
                .contains("allowed below '" + parent + "' are: ");
    }

    @Test
    void aWordThatResemblesNothingGetsNoHintButTheList(CapturedOutput output) {
        assertThat(start("tinyllm.cache.caches.users.zzz=1")).isNotNull();
        assertThat(output)
                .contains("There is no 'zzz' below 'tinyllm.cache.caches.users'; allowed below")
                .doesNotContain("Instead of");
    }

    @ParameterizedTest
    @CsvSource({
        "tinyllm.cache.defaults.time-to-live,          soon",
        "tinyllm.cache.defaults.time-to-live-jitter,   much",
        "tinyllm.cache.caches.users.single-flight,     perhaps",
        "tinyllm.cache.caches.users.memory.maximum-size, 10k",
        "tinyllm.cache.defaults.memory.maximum-size,   1.5",
        "tinyllm.cache.enabled,                        maybe"
    })
    void aValueOfTheWrongTypeIsExplained(String property, String value, CapturedOutput output) {
        assertThat(start(property + "=" + value)).isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains(property)
                .contains(value)
                .contains("Action:");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            memory.partitions.enabled=true memory.partitions.by=tenants | memory.partitions.by | KeyPartitioner bean
            write.policy=write-back                                     | write.policy         | BackingStore bean
            negative.enabled=true negative.exceptions=no.Such           | negative.exceptions  | Correct the name
            redis.enabled=true                                          | redis.enabled        | starter-data-redis
            memory.enabled=false                                        | memory.enabled       | another tier
            memory.enabled=false write.policy=write-through size-tuner.enabled=true | size-tuner.enabled | in memory
            memory.maximum-weight=64MB size-tuner.enabled=true | size-tuner.enabled | bounded by its entries alone
            memory.maximum-weight=0B | memory.maximum-weight | a whole number from 1 up
            """)
    void aNameOfNothingIsRefusedAtTheStartThoughOnlyTheDefaultsSayIt(
            String settings, String property, String explanation, CapturedOutput output) {
        assertThat(start(Arrays.stream(settings.split(" "))
                        .map(setting -> "tinyllm.cache.defaults." + setting)
                        .toArray(String[]::new)))
                .isNotNull();
        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .contains("Property 'tinyllm.cache.defaults." + property + "'")
                .contains(explanation);
    }

    @Test
    void prefetchingIntoNoMemoryIsExplained(CapturedOutput output) {
        assertThat(start(
                        "tinyllm.cache.caches.users.prefetch.enabled=true",
                        "tinyllm.cache.caches.users.redis.enabled=true",
                        "tinyllm.cache.caches.users.memory.enabled=false"))
                .isNotNull();
        assertThat(output)
                .contains("Property 'tinyllm.cache.caches.users.prefetch.enabled'")
                .contains("Set tinyllm.cache.caches.users.memory.enabled to true, or this property to false.");
    }

    @Test
    void aCustomizerThatBreaksARangeStopsTheStartTooWhereTheCacheIsNamed(CapturedOutput output) {
        assertThat(start(Breaking.class, "tinyllm.cache.caches.users.time-to-live=5s"))
                .isNotNull();
        assertThat(output)
                .contains("Property 'tinyllm.cache.caches.users.time-to-live-jitter'")
                .contains("a number from 0 to 0.5");
    }

    @Test
    void severalMistakesAreAllNamed(CapturedOutput output) {
        assertThat(start("tinyllm.cache.defaults.ttl=5m", "tinyllm.cache.caches.users.memory.size=3"))
                .isNotNull();
        assertThat(output)
                .contains("Property: tinyllm.cache.defaults.ttl")
                .contains("Property: tinyllm.cache.caches.users.memory.size");
    }

    private static Throwable start(String... properties) {
        return start(Application.class, properties);
    }

    private static Throwable start(Class<?> source, String... properties) {
        SpringApplication application = new SpringApplication(Application.class, source);
        application.setWebApplicationType(WebApplicationType.NONE);
        List<String> arguments = new ArrayList<>(List.of("--spring.main.banner-mode=off"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return catchThrowable(
                () -> application.run(arguments.toArray(String[]::new)).close());
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        TinyLlmCacheAutoConfiguration.class,
        TinyLlmCacheBackOffAutoConfiguration.class,
        TinyLlmCacheLlmAutoConfiguration.class
    })
    static class Application {}

    @Configuration(proxyBeanMethods = false)
    static class Breaking {

        @Bean
        CacheCustomizer breakingCustomizer() {
            return (name, settings) -> settings.setTimeToLiveJitter(0.9);
        }
    }
}
