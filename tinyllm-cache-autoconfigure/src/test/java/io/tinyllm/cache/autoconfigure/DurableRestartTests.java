package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.redis.RedisProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What write-back and snapshots promise over the lives of an application, for caches that nobody has declared. */
@Timeout(180)
class DurableRestartTests {

    @TempDir
    Path directory;

    private final Rows rows = new Rows();

    private ApplicationContextRunner application() {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TinyLlmCacheAutoConfiguration.class, TinyLlmCacheHealthAutoConfiguration.class))
                .withBean(Rows.class, () -> rows)
                .withPropertyValues(properties(directory));
    }

    private static String[] properties(Path directory) {
        return new String[] {
            "tinyllm.cache.journal.directory=" + directory.resolve("state/journal"),
            "tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
            "tinyllm.cache.defaults.write.policy=write-back",
            "tinyllm.cache.defaults.write.flush-interval=20ms"
        };
    }

    private static Cache cache(AssertableApplicationContext context, String name) {
        return context.getBean(CacheManager.class).getCache(name);
    }

    @Test
    void aRowComesWholeThroughTheJournalWhateverJacksonIsToldOfIt() {
        Login login = new Login("ada", "hash of the password", 7);
        login.notes.put("since", List.of(1L, 2L));
        ApplicationContextRunner application = application()
                .withPropertyValues("tinyllm.cache.redis.allowed-types=" + Login.class.getName() + ","
                        + Id.class.getName() + "," + Region.class.getName());
        rows.away = true;
        application.run(context -> cache(context, "logins").put(new Id("eu", Region.SOUTH), login));
        rows.away = false;
        application.run(context -> await().atMost(Duration.ofSeconds(30)).until(() -> !rows.rows.isEmpty()));
        assertThat(rows.rows.get(new Id("eu", Region.SOUTH)))
                .isNotSameAs(login)
                .usingRecursiveComparison()
                .isEqualTo(login);
    }

    @Test
    void writesOfCachesThatNobodyHasDeclaredReachTheStoreAfterAKillThoughNobodyAsksForThem() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Killed.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(Killed.STATUS);
        application()
                .run(context -> await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(rows.rows)
                                .isEqualTo(Map.of("of tenant/1", "kept 1", "of tenant/2", "kept 2"))));
    }

    @Test
    void anyNameWorksInJournalSnapshotAndRedis() throws Exception {
        List<String> names = List.of(
                "..",
                ".",
                "../up/../up",
                "a/b",
                "a\\b",
                "journal-0000000000000001.log",
                "UPPER",
                "upper",
                " spaces \t\n",
                "nul\0",
                "%2e%2e",
                "\u65e5\u672c\u8a9e".repeat(40),
                "\ud83d\ude00:{x}*?",
                "n".repeat(300));
        try (RedisProcess redis = RedisProcess.start()) {
            ApplicationContextRunner all = application()
                    .withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class))
                    .withPropertyValues(
                            "spring.data.redis.host=127.0.0.1",
                            "spring.data.redis.port=" + redis.port(),
                            "tinyllm.cache.defaults.redis.enabled=true",
                            "tinyllm.cache.defaults.redis.timeout=5s",
                            "tinyllm.cache.defaults.snapshot.enabled=true");
            rows.away = true;
            all.run(context -> names.forEach(name -> cache(context, name).put("key of " + name, "value of " + name)));
            rows.away = false;
            ApplicationContextRunner unshared = all.withPropertyValues("tinyllm.cache.defaults.redis.enabled=false");
            unshared.run(context -> {
                await().atMost(Duration.ofSeconds(30)).until(() -> rows.rows.size() == names.size());
                for (String name : names) {
                    assertThat(rows.rows).containsEntry("key of " + name, "value of " + name);
                    assertThat(cache(context, name).get("key of " + name, String.class))
                            .as("the store, " + name)
                            .isEqualTo("value of " + name);
                }
            });
            unshared.withPropertyValues("tinyllm.cache.defaults.write.policy=none")
                    .run(context -> {
                        for (String name : names) {
                            assertThat(cache(context, name).get("key of " + name, String.class))
                                    .as("the snapshot, " + name)
                                    .isEqualTo("value of " + name);
                        }
                    });
            all.withPropertyValues(
                            "tinyllm.cache.defaults.write.policy=none",
                            "tinyllm.cache.defaults.snapshot.enabled=false",
                            "tinyllm.cache.defaults.memory.enabled=false")
                    .run(context -> {
                        for (String name : names) {
                            assertThat(cache(context, name).get("key of " + name, String.class))
                                    .as("Redis, " + name)
                                    .isEqualTo("value of " + name);
                            assertThat(cache(context, name).get("key of another"))
                                    .isNull();
                        }
                    });
        }
        try (Stream<Path> written = Files.list(directory)) {
            assertThat(written.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("state", "snapshots");
        }
    }

    @Test
    void nothingIsLostOrComesBackOverManyLives() {
        Map<Object, Object> expected = new ConcurrentHashMap<>();
        for (int life = 0; life < 20; life++) {
            int number = life;
            // Away for two lives of three, so that the third begins with the writes of two.
            rows.away = number % 3 != 2;
            application().run(context -> {
                Cache cache = cache(context, "lives");
                for (int i = 0; i < 50; i++) {
                    String key = "key " + (number * 7 + i) % 90;
                    if (i % 5 == 4) {
                        cache.evict(key);
                        expected.remove(key);
                    } else {
                        cache.put(key, number + "." + i);
                        expected.put(key, number + "." + i);
                    }
                }
                if (!rows.away) {
                    await().atMost(Duration.ofSeconds(30))
                            .untilAsserted(() -> assertThat(rows.rows).isEqualTo(expected));
                }
            });
        }
        rows.away = false;
        application()
                .run(context -> await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(rows.rows).isEqualTo(expected)));
    }

    @Test
    void theDirectoryAboveTheJournalsMayBeRemovedWhileTheApplicationRuns() {
        rows.away = true;
        application().run(context -> {
            cache(context, "kept").put("before", "1");
            removeAll(directory.resolve("state"));
            cache(context, "kept").put("meanwhile", "2");
            Path journals = directory.resolve("state/journal");
            await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(journals));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                            .health()
                            .getDetails()
                            .toString()
                            .contains("journalHealthy=true"));
            cache(context, "kept").put("after", "3");
        });
        rows.away = false;
        application()
                .run(context -> await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(rows.rows)
                                .isEqualTo(Map.of("before", "1", "meanwhile", "2", "after", "3"))));
    }

    private static void removeAll(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** One that nobody can write to, whoever runs the tests. */
    @Test
    void aDirectoryThatCannotBeWrittenStopsTheStartAndNamesItsProperty() {
        Path readOnly = Path.of("/proc/self/fdinfo");
        assumeTrue(Files.isDirectory(readOnly));
        application()
                .withPropertyValues(
                        "tinyllm.cache.caches.named.write.policy=write-back",
                        "tinyllm.cache.journal.directory=" + readOnly)
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("tinyllm.cache.journal.directory"));
        application()
                .withPropertyValues(
                        "tinyllm.cache.defaults.write.policy=none",
                        "tinyllm.cache.caches.named.snapshot.enabled=true",
                        "tinyllm.cache.snapshots.directory=" + readOnly.resolve("below"))
                .run(context -> assertThat(context.getStartupFailure())
                        .hasStackTraceContaining("tinyllm.cache.snapshots.directory"));
    }

    enum Region {
        NORTH,
        SOUTH
    }

    record Id(String name, Region region) {}

    /** A bean of which Jackson is told to leave out half. */
    static class Login {

        public String name;

        @JsonIgnore
        public String hash;

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
        public int attempts;

        @JsonIgnore
        public final Map<String, List<Long>> notes = new HashMap<>();

        Login() {}

        Login(String name, String hash, int attempts) {
            this.name = name;
            this.hash = hash;
            this.attempts = attempts;
        }
    }

    /** An application that is killed with writes in its journal. */
    static final class Killed {

        static final int STATUS = 37;

        private Killed() {}

        public static void main(String[] args) {
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .properties("spring.main.banner-mode=off")
                    .properties(properties(Path.of(args[0])))
                    .run();
            context.getBean(Rows.class).away = true;
            CacheManager manager = context.getBean(CacheManager.class);
            for (int i = 1; i <= 2; i++) {
                String name = "tenant/" + i;
                manager.getCache(name).put("of " + name, "dropped");
                manager.getCache(name).put("of " + name, "kept " + i);
            }
            Runtime.getRuntime().halt(STATUS);
        }
    }

    /** A table for every cache. */
    static final class Rows implements BackingStore<Object, Object> {

        final Map<Object, Object> rows = new ConcurrentHashMap<>();
        volatile boolean away;

        @Override
        public Set<String> cacheNames() {
            return new Everything();
        }

        @Override
        public @Nullable Object load(Object key) {
            return rows.get(key);
        }

        @Override
        public void writeAll(Map<Object, Object> entries) {
            requirePresent();
            rows.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<Object> keys) {
            requirePresent();
            keys.forEach(rows::remove);
        }

        private void requirePresent() {
            if (away) {
                throw new IllegalStateException("away");
            }
        }
    }

    /** The set of all names. */
    private static final class Everything extends AbstractSet<String> {

        @Override
        public boolean contains(Object name) {
            return true;
        }

        @Override
        public Iterator<String> iterator() {
            return Collections.emptyIterator();
        }

        @Override
        public int size() {
            return 0;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(TinyLlmCacheAutoConfiguration.class)
    static class Application {

        @Bean
        Rows rows() {
            return new Rows();
        }
    }
}
