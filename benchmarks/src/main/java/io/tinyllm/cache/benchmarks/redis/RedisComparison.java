package io.tinyllm.cache.benchmarks.redis;

import io.tinyllm.cache.benchmarks.Median;
import io.tinyllm.cache.benchmarks.Zipf;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import redis.embedded.RedisServer;

/**
 * The command {@code redis [SECONDS [ROUNDS]]}: operations a second on values of 1 kB in a Redis of this machine, with
 * 1 and 16 threads. Contenders take turns every tenth of a second, so that a machine which slows down slows them all,
 * and a ratio is the median of the ratios of the rounds.
 */
public final class RedisComparison {

    private static final int KEYS = 10_000;
    private static final int ZIPF_KEYS = 100_000;
    private static final int DRAWS = 1 << 20;
    private static final int SLICES = 10;
    private static final int VALUE = 1024;

    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final int seconds;
    private final int rounds;
    private final String only;
    private final String value;
    private final Listener listener;

    private RedisComparison(int seconds, int rounds, String only, int size, Listener listener) {
        this.seconds = seconds;
        this.rounds = rounds;
        this.only = only;
        this.value = "v".repeat(size);
        this.listener = listener;
    }

    /** Hears of figures as they are measured. */
    public interface Listener {

        /**
         * Hears of the rates of a contender.
         * @param what the operation
         * @param threads how many threads called it
         * @param contender who was called, ours first
         * @param rates operations a second, one for each round
         */
        void measured(String what, int threads, String contender, double[] rates);
    }

    /**
     * Prints the rates and their ratios.
     * @param arguments how many seconds of a round each contender has, 1 unless given; the number of rounds, 5 unless
     * given; and
     *     which comparisons, {@code get}, {@code put} or {@code zipf}, all unless given
     */
    public static void main(String[] arguments) throws IOException {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        String only = arguments.length > 2 ? arguments[2] : "";
        measure(seconds, rounds, only, VALUE, (what, threads, contender, rates) -> {});
    }

    /**
     * Compares all contenders on a Redis of its own, which is away in the end.
     * @param size of values, in bytes
     */
    public static void measure(int seconds, int rounds, String only, int size, Listener listener) throws IOException {
        int port = freePort();
        RedisServer redis = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        redis.start();
        try (Contenders contenders = new Contenders(port)) {
            RedisComparison comparison = new RedisComparison(seconds, rounds, only, size, listener);
            comparison.run(contenders);
            if (comparison.isWanted("outage")) {
                redis.stop();
                comparison.callWithoutRedis(contenders);
            }
        } finally {
            redis.stop();
        }
    }

    private void run(Contenders contenders) {
        String[] keys = names("key-", KEYS);
        String[] many = names("zipf-", ZIPF_KEYS);
        int[] draws = Zipf.draws(ZIPF_KEYS, DRAWS);
        for (Contender contender : contenders.single()) {
            fill(contender, keys);
        }
        for (Contender contender : contenders.twoTier()) {
            fill(contender, keys);
            fill(contender, many);
        }
        // One thread alone takes long to get everybody's code compiled.
        for (int slice = 0; slice < 2 * SLICES; slice++) {
            System.err.printf("\rwarming up: %d of %d ", slice + 1, 2 * SLICES);
            for (Contender contender : contenders.all()) {
                rate(16, () -> get(contender, uniform(keys)));
                rate(16, () -> contender.put(uniform(keys), value));
                settle(contender);
            }
        }
        for (int threads : new int[] {1, 16}) {
            if (isWanted("get")) {
                compare("get", threads, contenders.single(), false, contender -> get(contender, uniform(keys)));
            }
            if (isWanted("put")) {
                Consumer<Contender> put = contender -> contender.put(uniform(keys), value);
                compare("put", threads, contenders.single(), true, put);
                compare("put", threads, contenders.twoTier(), true, put);
            }
            if (isWanted("zipf")) {
                // Until the local tiers hold what is popular now.
                contenders.twoTier().forEach(contender -> readAll(contender, many, draws));
                compare(
                        "get, Zipf",
                        threads,
                        contenders.twoTier(),
                        false,
                        contender -> get(
                                contender,
                                many[draws[ThreadLocalRandom.current().nextInt(DRAWS)]]));
            }
        }
    }

    /** Calls of eight threads that compute what they do not get, while there is no Redis. */
    private void callWithoutRedis(Contenders contenders) {
        String[] keys = names("key-", 1000);
        out.printf("%nanswers a second without Redis, 8 threads%n");
        for (Contender contender : contenders.all()) {
            AtomicReference<Double> longest = new AtomicReference<>(0.0);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Math.max(2, seconds));
            LongAdder answered = new LongAdder();
            long begun = System.nanoTime();
            inParallel(8, () -> {
                while (System.nanoTime() - end < 0) {
                    long began = System.nanoTime();
                    answerAnyway(contender, uniform(keys));
                    answered.increment();
                    double took = (System.nanoTime() - began) / 1e6;
                    longest.accumulateAndGet(took, Math::max);
                }
            });
            double rate = answered.sum() * 1e9 / (System.nanoTime() - begun);
            listener.measured("answers a second", 8, contender.name(), new double[] {rate});
            listener.measured("longest call, ms", 8, contender.name(), new double[] {longest.get()});
            out.printf(Locale.ROOT, "  %-32s %9.0f/s, longest %.0f ms%n", contender.name(), rate, longest.get());
        }
    }

    /** As an application does with an error handler: a cache that fails is a miss, and what was missed is written. */
    private void answerAnyway(Contender contender, String key) {
        try {
            if (contender.get(key) != null) {
                return;
            }
        } catch (RuntimeException e) {
            return;
        }
        try {
            contender.put(key, value);
        } catch (RuntimeException e) {
            // It has its value all the same.
        }
    }

    private boolean isWanted(String comparison) {
        return only.isEmpty() || only.equals(comparison);
    }

    private static void readAll(Contender contender, String[] keys, int[] draws) {
        AtomicInteger next = new AtomicInteger();
        inParallel(16, () -> {
            for (int i = next.getAndIncrement(); i < draws.length; i = next.getAndIncrement()) {
                get(contender, keys[draws[i]]);
            }
        });
    }

    private static String uniform(String[] keys) {
        return keys[ThreadLocalRandom.current().nextInt(keys.length)];
    }

    private static void get(Contender contender, String key) {
        if (contender.get(key) == null) {
            throw new IllegalStateException(contender.name() + " does not have " + key);
        }
    }

    private void fill(Contender contender, String[] keys) {
        AtomicInteger next = new AtomicInteger();
        inParallel(16, () -> {
            for (int i = next.getAndIncrement(); i < keys.length; i = next.getAndIncrement()) {
                contender.put(keys[i], value);
            }
        });
        settle(contender);
    }

    /** Measures all in turns, the first of them ours, and prints their rates and how ours compares. */
    private void compare(
            String what, int threads, List<Contender> contenders, boolean writes, Consumer<Contender> operation) {
        // By name: the hash code of a map of Redisson is that of all its values, which it fetches.
        Map<String, double[]> rates = new LinkedHashMap<>();
        contenders.forEach(contender -> rates.put(contender.name(), new double[rounds]));
        List<Contender> order = new ArrayList<>(contenders);
        Random random = new Random(1);
        for (int round = -1; round < rounds; round++) {
            System.err.printf("\r%s, %d threads: round %d of %d ", what, threads, round + 1, rounds);
            for (int slice = 0; slice < seconds * SLICES; slice++) {
                Collections.shuffle(order, random);
                for (Contender contender : order) {
                    double rate = rate(threads, () -> operation.accept(contender));
                    settle(contender);
                    if (round >= 0) {
                        rates.getOrDefault(contender.name(), new double[rounds])[round] += rate / (seconds * SLICES);
                    }
                }
            }
        }
        out.printf("%n%s, %d thread%s%n", what, threads, threads == 1 ? "" : "s");
        double[] ours = rates.getOrDefault(contenders.get(0).name(), new double[rounds]);
        double least = Double.MAX_VALUE;
        for (Contender contender : contenders) {
            double[] theirs = rates.getOrDefault(contender.name(), new double[rounds]);
            double[] ratios = new double[rounds];
            Arrays.setAll(ratios, i -> ours[i] / theirs[i]);
            boolean counts = !writes || contender.acknowledges();
            if (counts && !contender.isLimit() && contender != contenders.get(0)) {
                least = Math.min(least, Median.of(ratios));
            }
            listener.measured(what, threads, contender.name(), theirs);
            out.printf(
                    Locale.ROOT,
                    "  %-32s %9.0f/s   ours is %.2f times that%s%n",
                    contender.name(),
                    Median.of(theirs),
                    Median.of(ratios),
                    counts ? "" : " (not acknowledged)");
        }
        out.printf(Locale.ROOT, "  ours is %.2f times the best of the others%n", least);
    }

    /** Operations a second. */
    private static double rate(int threads, Runnable operation) {
        LongAdder done = new LongAdder();
        long begun = System.nanoTime();
        long end = begun + TimeUnit.SECONDS.toNanos(1) / SLICES;
        inParallel(threads, () -> {
            while (System.nanoTime() - end < 0) {
                operation.run();
                done.increment();
            }
        });
        return done.sum() * 1e9 / (System.nanoTime() - begun);
    }

    /** Waits until what a contender has sent without waiting for it is in Redis, so that it is in nobody else's way. */
    private static void settle(Contender contender) {
        if (!contender.acknowledges()) {
            String last = "last " + System.nanoTime();
            contender.put("last", last);
            while (!last.equals(contender.get("last"))) {
                Thread.onSpinWait();
            }
        }
    }

    private static void inParallel(int threads, Runnable work) {
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    failure.set(e);
                }
            });
            worker.start();
            workers.add(worker);
        }
        try {
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
    }

    private static String[] names(String prefix, int count) {
        String[] names = new String[count];
        Arrays.setAll(names, i -> prefix + i);
        return names;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
