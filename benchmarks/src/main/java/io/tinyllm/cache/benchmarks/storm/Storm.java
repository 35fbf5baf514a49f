package io.tinyllm.cache.benchmarks.storm;

import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code storm [ROUNDS [SECONDS]]}: one thread hits hot keys and times each hit, while another walks so
 * that prefetching is first proven right and then betrayed at every step. Rounds with prefetching and without take
 * turns, so that a machine which slows down slows both; printed are the 99th percentiles of the hits and the median of
 * their ratios.
 */
public final class Storm {

    private static final int HOT = 512;
    private static final int WALK = 4000;
    private static final long LOAD_NANOS = 2_000_000;

    private Storm() {}

    /** What one round measured. */
    private record Round(
            long p50, long p99, long steps, @Nullable PrefetchReport report) {}

    public static void main(String[] args) throws InterruptedException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 7;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        round(false, seconds);
        round(true, seconds);
        double[] ratios = new double[rounds];
        System.out.println(
                "| round | p50 without | p50 with | p99 without | p99 with | ratio of p99 | prefetches | wasted |");
        System.out.println(
                "|------:|------------:|---------:|------------:|---------:|-------------:|-----------:|-------:|");
        for (int i = 0; i < rounds; i++) {
            boolean first = i % 2 == 0;
            Round one = round(first, seconds);
            Round other = round(!first, seconds);
            Round with = first ? one : other;
            Round without = first ? other : one;
            ratios[i] = (double) with.p99() / without.p99();
            PrefetchReport report = Objects.requireNonNull(with.report());
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %d ns | %d ns | %d ns | %d ns | %.2f | %d | %d |%n",
                    i + 1,
                    without.p50(),
                    with.p50(),
                    without.p99(),
                    with.p99(),
                    ratios[i],
                    report.issued(),
                    report.wasted());
        }
        Arrays.sort(ratios);
        System.out.printf(Locale.ROOT, "median ratio of p99: %.2f%n", ratios[rounds / 2]);
    }

    private static Round round(boolean prefetch, int seconds) throws InterruptedException {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(16, 16, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1000), Storm::daemon);
        try (ControlPlane controlPlane = new ControlPlane(System::nanoTime, List.of(), null, threads)) {
            CacheSettings settings = new CacheSettings();
            settings.getMemory().setMaximumSize(1000);
            settings.getPrefetch().setEnabled(prefetch);
            TieredCache cache = new CacheAssembler(
                            CoarseTicker.exactly(System::nanoTime),
                            ForkJoinPool.commonPool(),
                            threads,
                            threads,
                            CacheEntry.Factory.PLAIN,
                            new Extensions(
                                    List.of(),
                                    Map.of(),
                                    List.of(new Slow()),
                                    SharedTiers.NONE,
                                    StoreWriters.none(),
                                    List.of(),
                                    TagPolicy.Factory.none(),
                                    CacheObserver.none(),
                                    List.of(),
                                    name -> LoadGate.none()),
                            controlPlane)
                    .assemble(new CacheDefinition("storm", "storm", settings));
            Walker walker = new Walker(cache);
            Thread walking = daemon(walker);
            walking.start();
            try {
                long[] nanos = hits(cache, seconds);
                var tuning = controlPlane.tuning("storm");
                return new Round(
                        nanos[nanos.length / 2],
                        nanos[(int) (nanos.length * 0.99)],
                        walker.steps,
                        tuning == null || tuning.prefetch() == null
                                ? null
                                : tuning.prefetch().report());
            } finally {
                walker.stopped = true;
                walking.join();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Hits as they come from a busy caller, sorted by what they took. */
    private static long[] hits(TieredCache cache, int seconds) {
        Integer[] keys = new Integer[HOT];
        Arrays.setAll(keys, i -> -1 - i);
        for (Integer key : keys) {
            cache.put(key, key);
        }
        long[] nanos = new long[seconds * 200_000];
        Random random = new Random(1);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int count = 0;
        while (count < nanos.length && System.nanoTime() < end) {
            Integer key = keys[random.nextInt(HOT)];
            long start = System.nanoTime();
            CacheEntry entry = cache.get(key);
            long took = System.nanoTime() - start;
            if (entry == null) {
                cache.put(key, key);
            } else {
                nanos[count++] = took;
            }
            if (count % 1024 == 0) {
                LockSupport.parkNanos(100_000);
            }
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "storm");
        thread.setDaemon(true);
        return thread;
    }

    /** Walks straight through the keys three times, and then goes elsewhere from each step. */
    private static final class Walker implements Runnable {

        private final TieredCache cache;
        private volatile long steps;
        private volatile boolean stopped;

        Walker(TieredCache cache) {
            this.cache = cache;
        }

        @Override
        public void run() {
            Random random = new Random(3);
            long step = 0;
            while (!stopped) {
                int key = step < 3 * WALK ? (int) (step % WALK) : random.nextInt(WALK);
                cache.get(key, () -> key);
                steps = ++step;
                if (step % 8 == 0) {
                    LockSupport.parkNanos(100_000);
                }
            }
        }
    }

    /** What a background load takes. */
    private static final class Slow implements CacheLoader<Object, Object> {

        @Override
        public Set<String> cacheNames() {
            return Set.of("storm");
        }

        @Override
        public Object load(Object key) {
            LockSupport.parkNanos(LOAD_NANOS);
            return key;
        }
    }
}
