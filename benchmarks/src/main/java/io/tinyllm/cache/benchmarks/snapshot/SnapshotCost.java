package io.tinyllm.cache.benchmarks.snapshot;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.snapshot.SnapshotStore;
import io.tinyllm.cache.snapshot.Snapshots;
import io.tinyllm.cache.snapshot.figures.SnapshotResult;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;

/**
 * Measures what a save and a restore cost: time, heap beside the cache's own, and the latency of hits meanwhile.
 *
 * <p>Heap is measured by want of it: a process gets what the full cache takes after a collection and 64 MB, and either
 * saves and restores in that, or runs out of memory.
 */
public final class SnapshotCost {

    private static final int VALUE = 200;
    private static final int EXTRA_MEGABYTES = 64;
    private static final int ROUNDS = 7;
    private static final Duration ROUND = Duration.ofMillis(1_500);

    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private SnapshotCost() {}

    /**
     * Measures everything, each in a process of its own.
     * @param arguments the number of entries, one million unless given
     */
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 2) {
            int entries = Integer.parseInt(arguments[1]);
            switch (arguments[0]) {
                case "live" -> live(entries);
                case "cycle" -> cycle(entries);
                case "restore" -> restore(entries);
                case "hits" -> hits(entries);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
            return;
        }
        int entries = arguments.length == 0 ? 1_000_000 : Integer.parseInt(arguments[0]);
        out.println(entries + " entries of " + VALUE + " bytes");
        long live = Long.parseLong(run("-Xmx3g", "live", entries).strip());
        out.println("the cache itself, collected: " + live + " MB");
        out.println("with " + EXTRA_MEGABYTES + " MB more:");
        out.print(run("-Xmx" + (live + EXTRA_MEGABYTES) + "m", "cycle", entries));
        out.println("with enough:");
        out.print(run("-Xmx3g", "cycle", entries));
        out.print(run("-Xmx1g", "restore", 100_000));
        out.print(run("-Xmx3g", "hits", entries));
    }

    private static String run(String heap, String part, int entries) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        heap,
                        part.equals("hits") ? "-XX:+UseG1GC" : "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SnapshotCost.class.getName(),
                        part,
                        String.valueOf(entries))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        return status == 0 ? said : said + "  failed with status " + status + " (3: out of memory)\n";
    }

    private static void live(int entries) {
        try (Setup setup = new Setup(entries)) {
            setup.fill(entries);
            out.println(usedAfterCollection());
        }
    }

    private static void cycle(int entries) {
        try (Setup setup = new Setup(entries)) {
            setup.fill(entries);
            SnapshotResult saved = setup.snapshots.save("bench");
            out.printf(
                    "  saved %d entries, %d MB, in %d ms%n",
                    saved.entries(), setup.snapshots.list().get(0).bytes() >> 20, saved.tookMillis());
            setup.cache.clear();
            SnapshotResult restored = setup.snapshots.restore("bench");
            out.printf("  restored %d entries in %d ms%n", restored.entries(), restored.tookMillis());
        }
    }

    private static void restore(int entries) {
        try (Setup setup = new Setup(entries)) {
            setup.fill(entries);
            setup.snapshots.save("bench");
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (int round = 0; round < 5; round++) {
                setup.cache.clear();
                long before = threads.getCurrentThreadCpuTime();
                SnapshotResult restored = setup.snapshots.restore("bench");
                out.printf(
                        "restored %d entries in %d ms, %d ms of them on a processor (%s)%n",
                        restored.entries(),
                        restored.tookMillis(),
                        (threads.getCurrentThreadCpuTime() - before) / 1_000_000,
                        round == 0 ? "the first of its process" : "warm");
            }
        }
    }

    private static void hits(int entries) throws InterruptedException {
        try (Setup setup = new Setup(entries)) {
            setup.fill(entries);
            String[] keys = keys(entries);
            measure(setup.cache, keys);
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                long idle = measure(setup.cache, keys);
                long during = whileSaving(setup, keys);
                long again = measure(setup.cache, keys);
                double ratio = 2.0 * during / (idle + again);
                ratios.add(ratio);
                out.printf("p99 of a hit: %d ns before, %d ns during saves, %d ns after%n", idle, during, again);
            }
            ratios.sort(null);
            out.printf("p99 during saves / without: median of %d rounds %.2f%n", ROUNDS, ratios.get(ROUNDS / 2));
        }
    }

    private static long whileSaving(Setup setup, String[] keys) throws InterruptedException {
        Thread saver = new Thread(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    setup.snapshots.save("bench");
                } catch (RuntimeException interrupted) {
                    return;
                }
            }
        });
        saver.start();
        long p99 = measure(setup.cache, keys);
        saver.interrupt();
        saver.join();
        return p99;
    }

    /** The p99 of a hit, the reading of the clock in it. */
    private static long measure(TieredCache cache, String[] keys) {
        SplittableRandom random = new SplittableRandom(42);
        long[] histogram = new long[100_000];
        long count = 0;
        long end = System.nanoTime() + ROUND.toNanos();
        long before = System.nanoTime();
        while (before < end) {
            String key = keys[random.nextInt(keys.length)];
            before = System.nanoTime();
            if (cache.get(key) == null) {
                throw new IllegalStateException("No hit");
            }
            histogram[(int) Math.min(histogram.length - 1, System.nanoTime() - before)]++;
            count++;
        }
        long seen = 0;
        int nanos = 0;
        while (seen < count * 99 / 100) {
            seen += histogram[nanos++];
        }
        return nanos;
    }

    private static String[] keys(int entries) {
        String[] keys = new String[entries];
        Arrays.setAll(keys, i -> "key-" + i);
        return keys;
    }

    private static long usedAfterCollection() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return (runtime.totalMemory() - runtime.freeMemory()) >> 20;
    }

    /** A cache and its snapshots in a directory of its own. */
    private static final class Setup implements AutoCloseable {

        private final Path directory;
        private final TieredCache cache;
        private final Snapshots snapshots;

        Setup(int entries) {
            try {
                directory = Files.createTempDirectory("snapshot-cost");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            cache = TieredCache.named("bench")
                    .memory(CaffeineMemoryTier.keeping(
                            entries,
                            System::nanoTime,
                            ForkJoinPool.commonPool(),
                            Duration.ofHours(1).toNanos()))
                    .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
                    .build();
            ValueTypes types = new ValueTypes(List.of(), SnapshotCost.class.getClassLoader());
            snapshots = new Snapshots(
                    SnapshotStore.open(directory, 1, false),
                    new KeyCodec(types, List.of(), BeanKeys.NONE),
                    new ValueCodec(types, ValueLimits.DEFAULT, List.of()),
                    new NotShared(),
                    System::nanoTime,
                    Clock.systemUTC());
            snapshots.register(cache, key -> false);
        }

        void fill(int entries) {
            SplittableRandom random = new SplittableRandom(7);
            for (int i = 0; i < entries; i++) {
                byte[] value = new byte[VALUE];
                for (int j = 0; j < VALUE; j++) {
                    value[j] = (byte) ('a' + random.nextInt(26));
                }
                cache.put("key-" + i, new String(value, StandardCharsets.ISO_8859_1));
            }
        }

        @Override
        public void close() {
            snapshots.close();
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
                Files.delete(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
