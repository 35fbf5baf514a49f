package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.redis.RedisProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Contexts that start and close, and one that stops and starts, with write-back and its journal, snapshots,
 * prefetching, Redis and a replica: what threads, connections and files there are does not grow.
 * {@code -Dtinyllm.test.restarts=100} does it longer.
 */
class ComingAndGoingTests {

    /** Threads of the JDK, Netty, Reactor and these tests that are there once for all contexts. */
    private static final List<String> SHARED =
            List.of("process reaper", "globalEventExecutor", "parallel-", RedisProcess.THREADS);

    private static final int RESTARTS = Integer.getInteger("tinyllm.test.restarts", 2);

    /** What the JVM and libraries open once and keep is open by then. */
    private static final int WARM_UP = RESTARTS < 50 ? 2 : 20;

    @TempDir
    Path directory;

    private RedisProcess redis;
    private RedisProcess replica;

    @BeforeEach
    void startServers() {
        redis = RedisProcess.start();
        replica = RedisProcess.start();
        // What sends the commands of tests is there from here on.
        redis.call(commands -> commands.ping());
    }

    @AfterEach
    void stopServers() {
        redis.close();
        replica.close();
    }

    @Test
    void contextsThatCloseLeaveNoThreadConnectionOrFile() {
        for (int round = 0; round < WARM_UP; round++) {
            useAndClose();
        }
        Held before = Held.of(redis, replica, directory);
        assertThat(before.connections()).isZero();
        assertThat(before.files()).isEmpty();
        for (int round = 0; round < RESTARTS; round++) {
            useAndClose();
        }
        awaitNoMoreThan(before);
        System.out.println(
                RESTARTS + " contexts, before: " + before + ", after: " + Held.of(redis, replica, directory));
    }

    @Test
    void stopsAndStartsLeaveNoThreadConnectionOrFile() {
        try (ConfigurableApplicationContext context = start()) {
            for (int round = 0; round < WARM_UP; round++) {
                cycle(context);
            }
            Held before = Held.of(redis, replica, directory);
            assertThat(before.connections()).isPositive();
            assertThat(before.files()).as("the lock of the journal, at least").isNotEmpty();
            for (int round = 0; round < RESTARTS; round++) {
                cycle(context);
            }
            awaitNoMoreThan(before);
            System.out.println(RESTARTS + " stops and starts, before: " + before + ", after: "
                    + Held.of(redis, replica, directory));
        }
    }

    private void awaitNoMoreThan(Held before) {
        await().atMost(Duration.ofSeconds(20)).pollInSameThread().untilAsserted(() -> {
            Held now = Held.of(redis, replica, directory);
            assertThat(now.threads()).as("threads: %s", now.names()).isLessThanOrEqualTo(before.threads());
            assertThat(now.connections()).as("connections").isLessThanOrEqualTo(before.connections());
            assertThat(now.files())
                    .as("files")
                    .hasSizeLessThanOrEqualTo(before.files().size());
            assertThat(now.open())
                    .as("descriptors: %s, before: %s", now.kinds(), before.kinds())
                    .hasSizeLessThanOrEqualTo(before.open().size());
        });
    }

    private void useAndClose() {
        try (ConfigurableApplicationContext context = start()) {
            use(context);
        }
    }

    private void cycle(ConfigurableApplicationContext context) {
        use(context);
        context.stop();
        context.start();
    }

    private static void use(ConfigurableApplicationContext context) {
        CacheManager manager = context.getBean(CacheManager.class);
        for (String name : List.of("answers", "shared")) {
            Cache cache = manager.getCache(name);
            for (int key = 0; key < 20; key++) {
                cache.put("key-" + key, "value");
                assertThat(cache.get("key-" + key)).isNotNull();
            }
        }
        StopAndStartTests.Answers answers = context.getBean(StopAndStartTests.Answers.class);
        assertThat(answers.ask("question")).isEqualTo(answers.ask("question"));
    }

    private ConfigurableApplicationContext start() {
        SpringApplication application = new SpringApplication(StopAndStartTests.Everything.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setRegisterShutdownHook(false);
        application.setLogStartupInfo(false);
        return application.run(
                "--spring.main.banner-mode=off",
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.port=" + redis.port(),
                "--tinyllm.cache.redis.replicas.eu.url=" + replica.url(),
                "--tinyllm.cache.journal.directory=" + directory.resolve("journal"),
                "--tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"),
                "--tinyllm.cache.caches.answers.write.policy=write-back",
                "--tinyllm.cache.caches.answers.snapshot.enabled=true",
                "--tinyllm.cache.caches.asked.prefetch.enabled=true",
                "--tinyllm.cache.caches.asked.refresh-ahead=0.5",
                "--tinyllm.cache.caches.asked.ttl-optimizer.enabled=true",
                "--tinyllm.cache.caches.shared.memory.enabled=false",
                "--tinyllm.cache.caches.shared.redis.enabled=true",
                "--tinyllm.cache.caches.shared.redis.timeout=5s",
                "--tinyllm.cache.caches.shared.replication.enabled=true",
                "--tinyllm.cache.caches.shared.replication.replicas=eu");
    }

    /** What this JVM holds: its threads, its connections as the servers see them, its files and descriptors. */
    private record Held(List<String> names, int connections, List<String> files, List<String> open, int classes) {

        static Held of(RedisProcess redis, RedisProcess replica, Path directory) {
            List<String> open = descriptorTargets();
            return new Held(
                    threadNames(),
                    connections(redis) + connections(replica),
                    open.stream()
                            .filter(file -> file.startsWith(directory.toString()))
                            .toList(),
                    open,
                    ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
        }

        int threads() {
            return names.size();
        }

        /** All threads but those of pools that the JVM has once, which come and go up to a bound. */
        private static List<String> threadNames() {
            return Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> !(thread instanceof ForkJoinWorkerThread))
                    .map(Thread::getName)
                    .filter(name -> SHARED.stream().noneMatch(name::startsWith))
                    .sorted()
                    .toList();
        }

        /** Of the clients but the one that asks. */
        private static int connections(RedisProcess server) {
            return (int) server.call(commands -> commands.clientList())
                    .lines()
                    .filter(line -> !line.contains("cmd=client"))
                    .count();
        }

        /**
         * But for jars, which are opened once, when their first class is needed, the directory that is read, and
         * sockets of UDP: Netty's resolver of names leaves one behind when its event loop ends, with Lettuce alone too.
         */
        private static List<String> descriptorTargets() {
            List<String> udp = udpSockets();
            try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
                return descriptors
                        .map(Held::target)
                        .filter(target -> !target.endsWith(".jar") && !target.startsWith("/proc/"))
                        .filter(target -> !udp.contains(target))
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static List<String> udpSockets() {
            return Stream.of("udp", "udp6")
                    .flatMap(kind -> lines(Path.of("/proc/self/net", kind)).stream())
                    .map(line -> "socket:[" + line.trim().split("\\s+")[9] + "]")
                    .toList();
        }

        private static List<String> lines(Path file) {
            try {
                return Files.readAllLines(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** How many descriptors there are of each kind: sockets, pipes, files. */
        Map<String, Long> kinds() {
            return open.stream()
                    .collect(Collectors.groupingBy(
                            target -> target.replaceAll("\\[\\d+]", ""), TreeMap::new, Collectors.counting()));
        }

        private static String target(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString();
            } catch (IOException closedSince) {
                return "closed.jar";
            }
        }

        @Override
        public String toString() {
            return threads() + " threads, " + connections + " connections, " + files.size() + " files of the cache, "
                    + open.size() + " descriptors " + kinds() + ", " + classes + " classes";
        }
    }
}
