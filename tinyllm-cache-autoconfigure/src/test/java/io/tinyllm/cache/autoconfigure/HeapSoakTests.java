package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application with a heap of 256 MB, values of 100 KB, keys of 16 KB and every feature that holds keys or values but
 * the size tuner, which a weight excludes, and replication, whose store and whose Redis are away.
 * {@code -Dtinyllm.test.heap.seconds=3600} lets it run longer.
 */
class HeapSoakTests {

    private static final int SECONDS = Integer.getInteger("tinyllm.test.heap.seconds", 5);
    private static final int KEYS = 5_000;
    private static final int KEY_LENGTH = 16_000;
    private static final int VALUE_LENGTH = 100_000;

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void aCacheNeverMakesTheApplicationRunOutOfMemory() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Application.class.getName(),
                        directory.toString(),
                        Integer.toString(SECONDS))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        String last = output.lines()
                .filter(line -> line.startsWith("operations: "))
                .findFirst()
                .orElseThrow();
        System.out.println(SECONDS + " seconds in 256 MB, " + last);
        assertThat(Integer.parseInt(last.replaceAll("operations: (\\d+),.*", "$1")))
                .isGreaterThan(200);
    }

    /** The process that is looked at. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class})
    static class Application {

        public static void main(String[] args) throws Exception {
            String cache = "tinyllm.cache.caches.answers.";
            try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .properties(Map.ofEntries(
                            Map.entry("spring.main.banner-mode", "off"),
                            Map.entry("spring.data.redis.host", "127.0.0.1"),
                            Map.entry("spring.data.redis.port", closedPort()),
                            Map.entry("tinyllm.cache.redis.startup-timeout", "0s"),
                            Map.entry("tinyllm.cache.journal.directory", args[0] + "/journal"),
                            Map.entry("tinyllm.cache.snapshots.directory", args[0] + "/snapshots"),
                            Map.entry("tinyllm.cache.snapshots.interval", "20s"),
                            Map.entry(cache + "memory.maximum-size", "100000"),
                            Map.entry(cache + "memory.maximum-weight", "64MB"),
                            Map.entry(cache + "memory.partitions.enabled", "true"),
                            Map.entry(cache + "memory.partitions.rebalance", "true"),
                            Map.entry(cache + "size-tuner.interval", "5s"),
                            Map.entry(cache + "redis.enabled", "true"),
                            Map.entry(cache + "write.policy", "write-back"),
                            Map.entry(cache + "ttl-optimizer.enabled", "true"),
                            Map.entry(cache + "prefetch.enabled", "true"),
                            Map.entry(cache + "negative.enabled", "true"),
                            Map.entry(cache + "stale-if-error", "1h"),
                            Map.entry(cache + "snapshot.enabled", "true")))
                    .run()) {
                System.out.println(work(
                        context.getBean(CacheManager.class).getCache("answers"),
                        Duration.ofSeconds(Integer.parseInt(args[1]))));
            }
            System.exit(0);
        }

        private static String work(Cache cache, Duration duration) {
            Random random = new Random(11);
            long end = System.nanoTime() + duration.toNanos();
            int operations = 0;
            int refused = 0;
            for (int next = 0; System.nanoTime() - end < 0; next++) {
                // Mostly one after the other, so that there is something to predict.
                int number = random.nextInt(5) == 0 ? random.nextInt(KEYS) : next % KEYS;
                String key = "key " + number + " ".repeat(KEY_LENGTH) + number;
                try {
                    switch (random.nextInt(4)) {
                        case 0 -> cache.put(key, "v".repeat(VALUE_LENGTH) + number);
                        case 1 -> cache.evict(key);
                        default -> cache.get(key, () -> "l".repeat(VALUE_LENGTH) + number);
                    }
                } catch (RuntimeException storeIsAway) {
                    refused++;
                }
                operations++;
            }
            return "operations: " + operations + ", refused by the store: " + refused;
        }

        private static String closedPort() throws IOException {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return Integer.toString(socket.getLocalPort());
            }
        }

        @Bean
        BackingStore<String, String> store() {
            return new BackingStore<>() {
                @Override
                public Set<String> cacheNames() {
                    return Set.of("answers");
                }

                @Override
                public String load(String key) {
                    throw new IllegalStateException("The store is away");
                }

                @Override
                public void writeAll(Map<String, String> entries) {
                    throw new IllegalStateException("The store is away");
                }

                @Override
                public void deleteAll(Collection<String> keys) {
                    throw new IllegalStateException("The store is away");
                }
            };
        }
    }
}
