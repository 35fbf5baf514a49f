package io.tinyllm.cache.benchmarks.writes;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import io.tinyllm.cache.write.DirtyBytes;
import io.tinyllm.cache.write.StoreWriter;
import io.tinyllm.cache.write.WriteBackSettings;
import io.tinyllm.cache.write.WritePolicies;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.redisson.Redisson;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.map.WriteMode;
import org.redisson.api.options.MapOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import redis.embedded.RedisServer;

/**
 * Measures acknowledged puts a second into a cache over a store that takes 1 ms a call: write-through, write-back with
 * its journal, and a map of Redisson in write-behind over the same store, on a Redis of this machine. Batches of 100
 * and a delay of 1 s, values of 200 characters.
 */
public final class Writes {

    private static final int KEYS = 5_000;
    private static final String VALUE = "v".repeat(200);

    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Writes() {}

    /**
     * Prints the rates and their ratios.
     * @param arguments the number of rounds, 3 unless given, and how many seconds each measurement takes, 3 unless
     * given
     */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
        for (int threads : new int[] {1, 4}) {
            for (int round = 0; round <= rounds; round++) {
                double through = writeThrough(threads, seconds);
                double back = writeBack(threads, seconds);
                double redisson = redisson(threads, seconds);
                out.printf(
                        "%d threads, %s: write-through %.0f/s, write-back %.0f/s, Redisson write-behind %.0f/s;"
                                + " write-back is %.1f times write-through, %.1f times Redisson%n",
                        threads,
                        round == 0 ? "warming up" : "round " + round,
                        through,
                        back,
                        redisson,
                        back / through,
                        back / redisson);
            }
        }
    }

    private static double writeThrough(int threads, int seconds) {
        TieredCache cache = cache(WritePolicies.writeThrough(new SlowStore()));
        return rate(threads, seconds, key -> cache.put(key, VALUE));
    }

    private static double writeBack(int threads, int seconds) throws IOException {
        Path directory = Files.createTempDirectory("journal");
        ValueTypes types = new ValueTypes(List.of(), Writes.class.getClassLoader());
        ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        StoreWriter writer = WritePolicies.writeBack(
                "bench",
                new SlowStore(),
                WriteBackSettings.DEFAULTS,
                DirtyBytes.unlimited(),
                directory,
                Fsync.INTERVAL,
                new KeyCodec(types, List.of(), values.beanKeys()),
                values,
                task -> new Thread(task, "flusher").start(),
                System::nanoTime,
                new Random());
        TieredCache cache = cache(writer);
        double rate = rate(threads, seconds, key -> cache.put(key, VALUE));
        writer.close(Duration.ofMinutes(1));
        if (writer.statistics().dirty() > 0) {
            throw new IllegalStateException("The store did not get every write");
        }
        delete(directory);
        return rate;
    }

    private static double redisson(int threads, int seconds) throws IOException {
        int port = freePort();
        RedisServer redis = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no")
                .build();
        redis.start();
        try {
            Config config = new Config();
            config.useSingleServer()
                    .setAddress("redis://127.0.0.1:" + port)
                    .setConnectionMinimumIdleSize(4)
                    .setConnectionPoolSize(16);
            RedissonClient client = Redisson.create(config);
            SlowStore store = new SlowStore();
            RMap<String, String> map = client.getMap(MapOptions.<String, String>name("bench")
                    .codec(StringCodec.INSTANCE)
                    .writer(store)
                    .writeMode(WriteMode.WRITE_BEHIND)
                    .writeBehindBatchSize(100)
                    .writeBehindDelay(1_000));
            double rate = rate(threads, seconds, key -> map.fastPut(key, VALUE));
            client.shutdown();
            return rate;
        } finally {
            redis.stop();
        }
    }

    private static TieredCache cache(StoreWriter writer) {
        return TieredCache.named("bench")
                .memory(new CaffeineMemoryTier(2L * KEYS, System::nanoTime, ForkJoinPool.commonPool()))
                .ttl(TtlPolicy.fixed(Duration.ofHours(1)))
                .writes(writer)
                .build();
    }

    /** Acknowledged writes a second. */
    private static double rate(int threads, int seconds, Consumer<String> write) {
        AtomicLong written = new AtomicLong();
        List<Thread> writers = new ArrayList<>();
        long begun = System.nanoTime();
        long end = begun + TimeUnit.SECONDS.toNanos(seconds);
        for (int i = 0; i < threads; i++) {
            Thread writer = new Thread(() -> {
                while (System.nanoTime() - end < 0) {
                    write.accept("key" + written.getAndIncrement() % KEYS);
                }
            });
            writer.start();
            writers.add(writer);
        }
        try {
            for (Thread writer : writers) {
                writer.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return written.get() * 1e9 / (System.nanoTime() - begun);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
