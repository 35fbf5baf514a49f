package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * A restart by Spring Boot's devtools, which load the application's classes anew: what was cached before is right or a
 * miss afterwards, and never an object of a class that is gone.
 */
@Timeout(300)
class DevtoolsRestartTests {

    /** In a process of its own, whose main thread devtools restart, as they do on a developer's machine. */
    @Test
    void whatWasCachedBeforeARestartIsRightOrAMiss(@TempDir Path directory) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Application.class.getName(),
                        "--spring.data.redis.port=" + Apps.redis(),
                        "--tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":",
                        "--tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
                        "--tinyllm.cache.journal.directory=" + directory.resolve("journal"))
                .redirectErrorStream(true)
                .start();
        String output;
        try {
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
        } finally {
            process.destroyForcibly();
        }
        List<String> answers =
                output.lines().filter(line -> line.startsWith("start ")).toList();
        assertThat(answers)
                .as(output)
                .containsExactly(
                        // by number of the start: the start whose answer it is, and whose class it has
                        "start 1: memory 1, redis 1, snapshot 1, journal 1, classes are the application's: true",
                        "start 2: memory 2, redis 1, snapshot 1, journal 1, classes are the application's: true",
                        "start 3: memory 3, redis 1, snapshot 1, journal 1, classes are the application's: true");
        assertThat(output).doesNotContain("ClassCastException");
        assertThat(output.lines().filter(line -> line.startsWith("class loaders:")))
                .as("what this test is of: each start has a class loader of its own")
                .containsExactly("class loaders: 3");
    }

    /** A value of a class of the application's. */
    public record Answer(String text, int start, Kind kind) {}

    public enum Kind {
        GOOD,
        BETTER
    }

    /** A store that takes nothing, so that what is written to it stays in the journal. */
    static class Refusing implements BackingStore<String, Answer> {

        @Override
        public Set<String> cacheNames() {
            return Set.of("journaled");
        }

        @Override
        public Answer load(String key) {
            return null;
        }

        @Override
        public void writeAll(Map<String, Answer> entries) {
            throw new IllegalStateException("takes nothing");
        }

        @Override
        public void deleteAll(Collection<String> keys) {
            throw new IllegalStateException("takes nothing");
        }
    }

    public static class Service {

        private final int start = Application.starts().size();

        @Cacheable("local")
        public Answer memory(String key) {
            return answer(key);
        }

        @Cacheable("shared")
        public Answer redis(String key) {
            return answer(key);
        }

        @Cacheable("saved")
        public Answer snapshot(String key) {
            return answer(key);
        }

        @Cacheable("journaled")
        public Answer journal(String key) {
            return answer(key);
        }

        private Answer answer(String key) {
            return new Answer(key, start, Kind.BETTER);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Service.class, Refusing.class})
    public static class Application {

        private static final int STARTS = 3;

        /** The class loaders of the starts so far; of the JVM, since the application's classes come and go. */
        @SuppressWarnings("unchecked")
        static List<ClassLoader> starts() {
            return (List<ClassLoader>)
                    System.getProperties().computeIfAbsent("starts", name -> new java.util.ArrayList<ClassLoader>());
        }

        public static void main(String[] arguments) {
            boolean restarted =
                    Application.class.getClassLoader().getClass().getName().endsWith("RestartClassLoader");
            if (restarted) {
                starts().add(Application.class.getClassLoader());
            }
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .properties(
                            "spring.main.banner-mode=off",
                            "spring.data.redis.host=127.0.0.1",
                            "spring.data.redis.repositories.enabled=false",
                            Apps.PLAIN,
                            "logging.level.root=WARN",
                            // how long a stop waits for the store that takes nothing
                            "spring.lifecycle.timeout-per-shutdown-phase=3s",
                            "tinyllm.cache.redis.startup-timeout=30s",
                            "tinyllm.cache.caches.shared.redis.enabled=true",
                            "tinyllm.cache.caches.shared.redis.timeout=10s",
                            "tinyllm.cache.caches.saved.snapshot.enabled=true",
                            "tinyllm.cache.caches.journaled.write.policy=write-back",
                            "tinyllm.cache.caches.journaled.write.maximum-attempts=1000")
                    .run(arguments);
            Service service = context.getBean(Service.class);
            Answer memory = service.memory("key");
            Answer redis = service.redis("key");
            Answer snapshot = service.snapshot("key");
            Answer journal = service.journal("key");
            boolean own = Stream.of(memory, redis, snapshot, journal)
                    .allMatch(answer -> answer.getClass() == Answer.class && answer.kind() == Kind.BETTER);
            // A load sends without waiting; a put goes the same way behind it, and waits.
            context.getBean(CacheManager.class).getCache("shared").put("afterwards", memory);
            System.out.println("start " + starts().size() + ": memory " + memory.start() + ", redis " + redis.start()
                    + ", snapshot " + snapshot.start() + ", journal " + journal.start()
                    + ", classes are the application's: " + own);
            if (starts().size() < STARTS) {
                new Thread(() -> Restarter.getInstance().restart(), "restart").start();
            } else {
                System.out.println("class loaders: " + Set.copyOf(starts()).size());
                context.close();
                Runtime.getRuntime().halt(0);
            }
        }
    }
}
