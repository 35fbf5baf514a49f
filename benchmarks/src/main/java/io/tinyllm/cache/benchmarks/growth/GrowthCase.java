package io.tinyllm.cache.benchmarks.growth;

import com.sun.management.OperatingSystemMXBean;
import io.tinyllm.cache.benchmarks.Heap;
import io.tinyllm.cache.benchmarks.Median;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.FileSystemUtils;

/** One point of a curve of growth, measured in a JVM of its own: an application with every default on. */
final class GrowthCase {

    /** What is measured, and what its size counts. */
    enum Kind {
        CACHES,
        ENTRIES,
        SNAPSHOT,
        PARTITIONS,
        KEYS,
        THREADS
    }

    private static final String MARK = "figure;";
    private static final int KEYS = 1_024;
    private static final long SAMPLE = 300_000_000;
    private static final int SAMPLES = 5;

    private GrowthCase() {}

    /** Runs a case in a JVM of its own and returns its figures by their names. */
    static Map<String, Double> run(Kind kind, long size) throws IOException, InterruptedException {
        boolean large = size > 1_000_000 && (kind == Kind.ENTRIES || kind == Kind.SNAPSHOT);
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                large ? "-Xmx5g" : "-Xmx1500m",
                "-cp",
                System.getProperty("java.class.path"),
                GrowthCase.class.getName(),
                kind.name(),
                Long.toString(size));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + printed);
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        printed.lines().filter(line -> line.startsWith(MARK)).forEach(line -> {
            String[] parts = line.split(";");
            figures.put(parts[1], Double.parseDouble(parts[2]));
        });
        return figures;
    }

    /** The entry point of such a JVM. */
    public static void main(String[] arguments) throws Exception {
        int size = Integer.parseInt(arguments[1]);
        switch (Kind.valueOf(arguments[0])) {
            case CACHES -> caches(size);
            case ENTRIES -> entries(size);
            case SNAPSHOT -> snapshot(size);
            case PARTITIONS -> partitions(size);
            case KEYS -> keys(size);
            case THREADS -> threads(size);
        }
        System.exit(0);
    }

    private static void tell(String name, double figure) {
        System.out.println(MARK + name + ";" + figure);
    }

    private static ConfigurableApplicationContext open(List<String> settings) {
        SpringApplication application = new SpringApplication(Started.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn",
                "--spring.autoconfigure.exclude=" + DataRedisAutoConfiguration.class.getName()));
        settings.forEach(setting -> arguments.add("--tinyllm.cache.caches." + setting));
        return application.run(arguments.toArray(String[]::new));
    }

    private static Cache cache(ConfigurableApplicationContext context) {
        return Objects.requireNonNull(context.getBean(CacheManager.class).getCache("measured"));
    }

    private static void caches(int count) throws InterruptedException {
        List<String> settings = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            settings.add("cache" + i + ".time-to-live=10m");
        }
        try (ConfigurableApplicationContext context = open(settings)) {
            CacheManager manager = context.getBean(CacheManager.class);
            for (int i = 0; i < count; i++) {
                Objects.requireNonNull(manager.getCache("cache" + i)).put("key", "value");
            }
            tell(
                    "start, ms",
                    System.currentTimeMillis()
                            - ManagementFactory.getRuntimeMXBean().getStartTime());
            tell("heap, MB", Heap.used() / 1e6);
            tell("idle, % of a core", idle(10_000));
            tell("threads", ManagementFactory.getThreadMXBean().getThreadCount());
        }
    }

    private static void entries(int count) throws InterruptedException {
        try (ConfigurableApplicationContext context =
                open(List.of("measured.time-to-live=10m", "measured.memory.maximum-size=" + count))) {
            Cache cache = cache(context);
            String[] keys = new String[count];
            for (int i = 0; i < count; i++) {
                keys[i] = "key-" + i;
            }
            cache.put(keys[0], "value");
            long before = Heap.used();
            for (String key : keys) {
                cache.put(key, "value");
            }
            tell("heap an entry, bytes", (Heap.used() - before) / (double) count);
            SplittableRandom random = new SplittableRandom(42);
            tell("hit, ns", nanos(i -> cache.get(keys[random.nextInt(count)])));
            tell("put, ns", nanos(i -> cache.put(keys[random.nextInt(count)], "value")));
            tell("idle, % of a core", idle(5_000));
            double[] clears = new double[3];
            for (int round = 0; round < clears.length; round++) {
                long begun = System.nanoTime();
                cache.clear();
                clears[round] = (System.nanoTime() - begun) / 1e3;
                for (String key : keys) {
                    cache.put(key, "value");
                }
            }
            tell("clear, µs of the caller", Median.of(clears));
        }
    }

    /** What a shutdown takes that saves so many entries, and a start that restores them. */
    private static void snapshot(int count) throws IOException {
        Path directory = Files.createTempDirectory("growth");
        try {
            List<String> settings = List.of(
                    "measured.time-to-live=10m",
                    "measured.memory.maximum-size=" + count,
                    "measured.snapshot.enabled=true");
            System.setProperty("tinyllm.cache.snapshots.directory", directory.toString());
            System.setProperty("tinyllm.cache.snapshots.startup-timeout", "10m");
            ConfigurableApplicationContext context = open(settings);
            Cache cache = cache(context);
            for (int i = 0; i < count; i++) {
                cache.put("key-" + i, "value");
            }
            long begun = System.nanoTime();
            context.close();
            tell("shutdown with a save, ms", (System.nanoTime() - begun) / 1e6);
            try (Stream<Path> files = Files.list(directory)) {
                tell("file, kB", files.mapToLong(file -> file.toFile().length()).sum() / 1e3);
            }
            begun = System.nanoTime();
            try (ConfigurableApplicationContext again = open(settings)) {
                tell("start with a restore, ms", (System.nanoTime() - begun) / 1e6);
                if (cache(again).get("key-" + (count - 1)) == null) {
                    throw new IllegalStateException("Not restored");
                }
            }
        } finally {
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    private static void partitions(int count) {
        try (ConfigurableApplicationContext context = open(List.of(
                "measured.time-to-live=10m",
                "measured.memory.maximum-size=100000",
                "measured.memory.partitions.enabled=" + (count > 1),
                "measured.memory.partitions.count=" + count))) {
            Cache cache = cache(context);
            String[] keys = new String[KEYS];
            for (int i = 0; i < KEYS; i++) {
                keys[i] = "key-" + i;
                cache.put(keys[i], "value");
            }
            tell("hit, ns", nanos(i -> cache.get(keys[i & KEYS - 1])));
            tell("put, ns", nanos(i -> cache.put(keys[i & KEYS - 1], "value")));
            tell("clear, µs of the caller", nanos(i -> cache.clear()) / 1e3);
        }
    }

    private static void keys(int length) {
        try (ConfigurableApplicationContext context =
                open(List.of("measured.time-to-live=10m", "measured.memory.maximum-size=100000"))) {
            Cache cache = cache(context);
            int count = length > 10_000 ? 64 : KEYS;
            byte[][] texts = new byte[count][];
            String[] keys = new String[count];
            for (int i = 0; i < count; i++) {
                texts[i] = ("x".repeat(Math.max(0, length - 6)) + (100_000 + i)).getBytes(StandardCharsets.ISO_8859_1);
                keys[i] = new String(texts[i], StandardCharsets.ISO_8859_1);
                cache.put(keys[i], "value");
            }
            tell("hit, ns", nanos(i -> cache.get(keys[i & count - 1])));
            tell(
                    "hit with a key just made, ns",
                    nanos(i -> cache.get(new String(texts[i & count - 1], StandardCharsets.ISO_8859_1))));
            tell("put, ns", nanos(i -> cache.put(keys[i & count - 1], "value")));
        }
    }

    private static void threads(int count) throws InterruptedException {
        try (ConfigurableApplicationContext context =
                open(List.of("measured.time-to-live=10m", "measured.memory.maximum-size=100000"))) {
            Cache cache = cache(context);
            String[] keys = new String[KEYS];
            for (int i = 0; i < KEYS; i++) {
                keys[i] = "key-" + i;
                cache.put(keys[i], "value");
            }
            tell("hits a microsecond", rate(count, i -> cache.get(keys[i & KEYS - 1])));
            tell("puts a microsecond", rate(count, i -> cache.put(keys[i & KEYS - 1], "value")));
        }
    }

    /** Nanoseconds of an operation of one thread: the median of samples, the first of which are not counted. */
    private static double nanos(IntConsumer operation) {
        double[] figures = new double[SAMPLES];
        for (int sample = -SAMPLES; sample < SAMPLES; sample++) {
            int times = 0;
            long begun = System.nanoTime();
            long now = begun;
            while (now - begun < SAMPLE) {
                for (int i = 0; i < 100; i++) {
                    operation.accept(times++);
                }
                now = System.nanoTime();
            }
            if (sample >= 0) {
                figures[sample] = (now - begun) / (double) times;
            }
        }
        return Median.of(figures);
    }

    /** Operations a microsecond of so many threads together. */
    private static double rate(int threads, IntConsumer operation) throws InterruptedException {
        nanos(operation);
        LongAdder done = new LongAdder();
        CountDownLatch ready = new CountDownLatch(threads);
        List<Thread> all = new ArrayList<>();
        long length = SAMPLE * SAMPLES;
        for (int i = 0; i < threads; i++) {
            int offset = i * 97;
            Thread thread = new Thread(() -> {
                ready.countDown();
                long begun = System.nanoTime();
                int times = offset;
                while (System.nanoTime() - begun < length) {
                    for (int k = 0; k < 100; k++) {
                        operation.accept(times++);
                    }
                }
                done.add(times - offset);
            });
            thread.start();
            all.add(thread);
        }
        ready.await();
        for (Thread thread : all) {
            thread.join();
        }
        return done.sum() / (length / 1e3);
    }

    /** The share of a core, in percent, that the process uses while nobody calls. */
    private static double idle(long millis) throws InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Thread.sleep(3_000);
        long before = system.getProcessCpuTime();
        long begun = System.nanoTime();
        Thread.sleep(millis);
        return 100.0 * (system.getProcessCpuTime() - before) / (System.nanoTime() - begun);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableCaching
    static class Started {}
}
