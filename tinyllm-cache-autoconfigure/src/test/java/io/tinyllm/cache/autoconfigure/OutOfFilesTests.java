package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.redis.RedisProcess;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that may open no more files, as by {@code ulimit -n}: journal, snapshots and Redis all want some. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OutOfFilesTests {

    @TempDir
    Path directory;

    @Test
    void nothingAcknowledgedIsLostNoCallerFailsOnItAndHealthTellsUntilThereAreFilesAgain() throws Exception {
        try (RedisProcess redis = RedisProcess.start()) {
            List<String> first = run(redis, "write");
            assertThat(first).contains("files: none", "shared: true", "health without files: false", "health: true");
            List<String> acknowledged = keys(first, "acknowledged ");
            assertThat(acknowledged).hasSizeGreaterThan(2 * Application.FEW);

            List<String> second = run(redis, "drain");
            assertThat(keys(second, "row ")).containsAll(acknowledged);
        }
    }

    private static List<String> keys(List<String> said, String what) {
        return said.stream()
                .filter(line -> line.startsWith(what))
                .map(line -> line.substring(what.length()))
                .toList();
    }

    private List<String> run(RedisProcess redis, String what) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "ulimit -n 500; exec \"$0\" \"$@\"",
                        java,
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Application.class.getName(),
                        what,
                        directory.toString(),
                        "" + redis.port())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isEqualTo(1);
            return output.lines().toList();
        } finally {
            process.destroyForcibly();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        static final int FEW = 50;

        /** So many of a hundred kilobytes that a journal begins another file. */
        private static final int MANY = 250;

        private static ConfigurableApplicationContext context;

        public static void main(String[] args) throws Exception {
            loadClasses();
            Rows.away = args[0].equals("write");
            context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .registerShutdownHook(false)
                    .properties(Map.of(
                            "spring.main.banner-mode", "off",
                            "spring.data.redis.port", args[2],
                            "tinyllm.cache.journal.directory", args[1] + "/journal",
                            "tinyllm.cache.snapshots.directory", args[1] + "/snapshots",
                            "tinyllm.cache.snapshots.interval", "1s",
                            "tinyllm.cache.caches.written.write.policy", "write-back",
                            "tinyllm.cache.caches.written.write.fsync", "always",
                            "tinyllm.cache.caches.written.snapshot.enabled", "true",
                            "tinyllm.cache.caches.shared.redis.enabled", "true"))
                    .run();
            if (Rows.away) {
                write();
            } else {
                await("dirty=0");
                Rows.ROWS.keySet().forEach(key -> System.out.println("row " + key));
            }
            Runtime.getRuntime().halt(1);
        }

        private static void write() throws IOException {
            put("before", FEW, 10);
            boolean shared = shares("early");
            health();
            List<FileInputStream> open = new ArrayList<>();
            try {
                while (true) {
                    open.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                System.out.println("files: none");
            }
            put("without", MANY, 100_000);
            System.out.println("shared: " + (shared && shares("late")));
            System.out.println("health without files: " + health().contains("journalHealthy=true"));
            for (FileInputStream file : open) {
                file.close();
            }
            await("journalHealthy=true");
            System.out.println("health: true");
            put("after", FEW, 10);
        }

        private static void put(String prefix, int count, int length) {
            Cache cache = context.getBean(CacheManager.class).getCache("written");
            for (int i = 0; i < count; i++) {
                String key = prefix + i;
                try {
                    cache.put(key, "v".repeat(length));
                    System.out.println("acknowledged " + key);
                } catch (IllegalStateException away) {
                    // The store's answer: nobody has promised anything.
                }
            }
        }

        private static boolean shares(String key) {
            Cache cache = context.getBean(CacheManager.class).getCache("shared");
            cache.put(key, "value");
            return "value".equals(cache.get(key, String.class));
        }

        private static String health() {
            return context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class)
                    .health()
                    .getDetails()
                    .toString();
        }

        private static void await(String state) {
            while (!health().contains(state)) {
                LockSupport.parkNanos(10_000_000);
            }
        }

        /** As from an archive that is open already: here each class is a file of its own. */
        private static void loadClasses() throws IOException {
            ClassLoader loader = Application.class.getClassLoader();
            for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
                Path root = Path.of(path);
                if (!Files.isDirectory(root.resolve("io/tinyllm/cache/write"))) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(root.resolve("io/tinyllm/cache"))) {
                    files.map(root::relativize)
                            .map(Path::toString)
                            .filter(name -> name.endsWith(".class") && !name.contains("Tests"))
                            .forEach(name -> load(name, loader));
                }
            }
        }

        private static void load(String file, ClassLoader loader) {
            try {
                Class.forName(file.substring(0, file.length() - 6).replace('/', '.'), false, loader);
            } catch (ClassNotFoundException | LinkageError optional) {
                // Of a library that is not there.
            }
        }

        @Bean
        Rows rows() {
            return new Rows();
        }
    }

    static final class Rows implements BackingStore<String, String> {

        static final Map<String, String> ROWS = new ConcurrentHashMap<>();
        static volatile boolean away;

        @Override
        public Set<String> cacheNames() {
            return Set.of("written");
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
            ROWS.putAll(entries);
        }

        @Override
        public void deleteAll(Collection<String> keys) {}
    }
}
