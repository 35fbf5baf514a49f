package io.tinyllm.cache.benchmarks.peers;

import io.tinyllm.cache.benchmarks.Heap;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What is measured in a JVM of its own: a stampede, the heap that an entry takes, the start of an application. */
final class Alone {

    private static final int CALLERS = 10_000;
    private static final int ENTRIES = 1_000_000;
    private static final String MARK = "figures";

    private Alone() {}

    /** Runs a part in a JVM of its own and returns its figures. */
    static double[] run(String heap, String part, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                "-cp",
                System.getProperty("java.class.path"),
                Alone.class.getName(),
                part));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + " failed:\n" + printed);
        }
        String last = printed.lines()
                .filter(line -> line.startsWith(MARK))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(printed));
        return Arrays.stream(last.substring(MARK.length()).strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** The entry point of such a JVM: prints one line of figures. */
    public static void main(String[] arguments) throws Exception {
        double[] figures = switch (arguments[0]) {
            case "stampede" -> stampede(Peer.valueOf(arguments[1]), Boolean.parseBoolean(arguments[2]));
            case "heap" -> new double[] {heap(Peer.valueOf(arguments[1]), arguments.length > 2 ? arguments[2] : "")};
            case "start" -> start(arguments[1]);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        StringBuilder line = new StringBuilder(MARK);
        Arrays.stream(figures).forEach(figure -> line.append(' ').append(figure));
        System.out.println(line);
        System.exit(0);
    }

    /** Many callers of one cold key, whose load takes 100 ms: loads, and milliseconds to the last answer. */
    private static double[] stampede(Peer peer, boolean sync) throws InterruptedException {
        try (AnnotationConfigApplicationContext context = peer.open(ENTRIES, Slow.class)) {
            Slow slow = context.getBean(Slow.class);
            slow.find("warm");
            slow.findInTurn("warm too");
            int before = slow.loads();
            CountDownLatch ready = new CountDownLatch(CALLERS);
            CountDownLatch go = new CountDownLatch(1);
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < CALLERS; i++) {
                Runnable call = () -> {
                    ready.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    Object found = sync ? slow.findInTurn("cold") : slow.find("cold");
                    Objects.requireNonNull(found);
                };
                Thread caller = new Thread(null, call, "caller", 128 * 1024);
                caller.start();
                callers.add(caller);
            }
            ready.await();
            long begun = System.nanoTime();
            go.countDown();
            for (Thread caller : callers) {
                caller.join();
            }
            return new double[] {slow.loads() - before, (System.nanoTime() - begun) / 1e6};
        }
    }

    /** The bytes that a million entries take, for each, without keys and values. */
    private static double heap(Peer peer, String setting) {
        Map<String, Object> properties = new HashMap<>(Map.of("measured.entries", ENTRIES));
        if (!setting.isEmpty()) {
            String[] parts = setting.split("=", 2);
            properties.put("tinyllm.cache.caches." + Peer.CACHE + "." + parts[0], parts[1]);
        }
        try (AnnotationConfigApplicationContext context = peer.open(properties)) {
            Operations cache = peer.operations(context, ENTRIES);
            String[] keys = new String[ENTRIES];
            Object[] values = new Object[ENTRIES];
            for (int i = 0; i < ENTRIES; i++) {
                keys[i] = "key-" + i;
                values[i] = new Object();
            }
            cache.put("first", "value");
            double before = Heap.used();
            for (int i = 0; i < ENTRIES; i++) {
                cache.put(keys[i], values[i]);
            }
            double held = Heap.used() - before;
            int there = 0;
            for (String key : keys) {
                there += cache.get(key) == null ? 0 : 1;
            }
            return held / there;
        }
    }

    /** Milliseconds from the start of the JVM to the first answer, threads, loaded classes, megabytes of heap. */
    private static double[] start(String caches) {
        SpringApplication application = new SpringApplication(Started.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        List<String> settings = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--logging.level.root=warn",
                "--spring.autoconfigure.exclude=" + DataRedisAutoConfiguration.class.getName(),
                "--spring.cache.cache-names=" + Peer.CACHE));
        switch (caches) {
            case "tinyllm" -> settings.add("--tinyllm.cache.enabled=true");
            case "caffeine" ->
                settings.addAll(List.of(
                        "--tinyllm.cache.enabled=false",
                        "--spring.cache.type=caffeine",
                        "--spring.cache.caffeine.spec=maximumSize=10000,expireAfterWrite=10m"));
            default -> throw new IllegalArgumentException(caches);
        }
        try (ConfigurableApplicationContext context = application.run(settings.toArray(String[]::new))) {
            context.getBean(PeerBenchmark.Annotated.class).find("first");
            double took = System.currentTimeMillis()
                    - ManagementFactory.getRuntimeMXBean().getStartTime();
            double threads = ManagementFactory.getThreadMXBean().getThreadCount();
            double classes = ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
            return new double[] {took, threads, classes, Heap.used() / 1e6};
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableCaching
    @Import(PeerBenchmark.Annotated.class)
    static class Started {}

    /** A service that takes its time. */
    static class Slow {

        private final AtomicInteger loads = new AtomicInteger();

        @Cacheable(Peer.CACHE)
        public @Nullable Object find(String key) {
            return load();
        }

        @Cacheable(cacheNames = Peer.CACHE, sync = true)
        public @Nullable Object findInTurn(String key) {
            return load();
        }

        public int loads() {
            return loads.get();
        }

        private Object load() {
            loads.incrementAndGet();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return "loaded";
        }
    }
}
