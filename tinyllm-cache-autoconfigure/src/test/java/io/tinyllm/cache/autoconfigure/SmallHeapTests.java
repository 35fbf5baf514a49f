package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
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

/** Applications with a heap of 64 MB: what waits for a server, a store or a disk never fills it. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SmallHeapTests {

    private static final String MARK = "# ";
    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path directory;

    private static Process start(String heap, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-XX:MaxDirectMemorySize=64m",
                "-XX:+UseSerialGC",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Application.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** The next thing that a process says, past what it logs. */
    private static String said(BufferedReader output) throws IOException {
        StringBuilder log = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(MARK)) {
                return line.substring(MARK.length());
            }
            log.append(line).append('\n');
        }
        throw new AssertionError("It has ended: " + log);
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    @Test
    void aRedisThatHangsWhileValuesOfAMegabyteArePutDoesNotFillIt() throws Exception {
        try (RedisProcess redis = RedisProcess.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")) {
            Process process = start("-Xmx64m", "redis", Integer.toString(redis.port()));
            try (BufferedReader output = output(process)) {
                assertThat(said(output)).isEqualTo("shared");
                redis.pause();
                tell(process);
                assertThat(said(output)).isEqualTo("put");
                redis.resume();
                tell(process);
                assertThat(said(output)).as("after it answers again").isEqualTo("shared");
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private static void tell(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    @Test
    void aJournalThatHoldsMoreThanTheHeapIsBroughtToTheStoreAfterARestart() throws Exception {
        Process writes = start("-Xmx900m", "write", directory.toString());
        try (BufferedReader output = output(writes)) {
            assertThat(said(output)).isEqualTo("recorded");
            assertThat(writes.waitFor()).isEqualTo(1);
        } finally {
            writes.destroyForcibly();
        }
        Process drains = start("-Xmx64m", "drain", directory.toString());
        try (BufferedReader output = output(drains)) {
            assertThat(said(output)).isEqualTo("drained");
        } finally {
            drains.destroyForcibly();
        }
    }

    /** The processes that are looked at. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class})
    static class Application {

        private static final int WRITES = 85;

        public static void main(String[] args) throws Exception {
            String cache = "tinyllm.cache.caches.answers.";
            Map<String, Object> properties = args[0].equals("redis")
                    ? Map.of(
                            "spring.data.redis.host",
                            "127.0.0.1",
                            "spring.data.redis.port",
                            args[1],
                            cache + "memory.enabled",
                            "false",
                            cache + "redis.timeout",
                            "1m",
                            cache + "redis.enabled",
                            "true")
                    : Map.of(
                            "tinyllm.cache.journal.directory",
                            args[1],
                            cache + "memory.maximum-weight",
                            "4MB",
                            cache + "write.policy",
                            "write-back",
                            cache + "write.fsync",
                            "never");
            Rows.away = args[0].equals("write");
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .registerShutdownHook(false)
                    .properties("spring.main.banner-mode=off")
                    .properties(properties)
                    .run();
            Cache answers = context.getBean(CacheManager.class).getCache("answers");
            switch (args[0]) {
                case "redis" -> shared(answers);
                case "write" -> {
                    for (int i = 0; i < WRITES; i++) {
                        answers.put("key " + i, "v".repeat(MEGABYTE) + i);
                    }
                    System.out.println(MARK + "recorded");
                    Runtime.getRuntime().halt(1);
                }
                default -> {
                    while (Rows.LENGTHS.size() < WRITES) {
                        LockSupport.parkNanos(10_000_000);
                    }
                    boolean whole = Rows.LENGTHS.entrySet().stream()
                            .allMatch(row ->
                                    row.getValue() == MEGABYTE + row.getKey().length() - "key ".length());
                    System.out.println(MARK + (whole ? "drained" : "cut"));
                }
            }
        }

        private static void shared(Cache answers) throws Exception {
            awaitShared(answers);
            System.in.read();
            String value = "v".repeat(MEGABYTE);
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 2 * WRITES; i++) {
                String key = "key " + i;
                Thread writer = new Thread(() -> answers.put(key, value));
                writer.setUncaughtExceptionHandler(
                        (thread, failure) -> Runtime.getRuntime().halt(2));
                writer.start();
                writers.add(writer);
                // One after the other: each waits for Redis, or has been told that too much is under way.
                while (writer.getState() != Thread.State.WAITING && writer.getState() != Thread.State.TERMINATED) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            System.out.println(MARK + "put");
            System.in.read();
            for (Thread writer : writers) {
                writer.join();
            }
            awaitShared(answers);
        }

        private static void awaitShared(Cache answers) {
            answers.put("shared", "value");
            while (answers.get("shared") == null) {
                LockSupport.parkNanos(50_000_000);
                answers.put("shared", "value");
            }
            System.out.println(MARK + "shared");
        }

        @Bean
        Rows rows() {
            return new Rows();
        }
    }

    /** A store that keeps no more of a value than its length. */
    static final class Rows implements BackingStore<String, String> {

        static final Map<String, Integer> LENGTHS = new ConcurrentHashMap<>();
        static volatile boolean away;

        @Override
        public Set<String> cacheNames() {
            return Set.of("answers");
        }

        @Override
        public String load(String key) {
            return null;
        }

        @Override
        public void writeAll(Map<String, String> entries) {
            if (away) {
                throw new IllegalStateException("away");
            }
            entries.forEach((key, value) -> LENGTHS.put(key, value.length()));
        }

        @Override
        public void deleteAll(Collection<String> keys) {}
    }
}
