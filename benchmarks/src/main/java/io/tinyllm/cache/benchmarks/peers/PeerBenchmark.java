package io.tinyllm.cache.benchmarks.peers;

import io.tinyllm.cache.benchmarks.Zipf;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** One operation of one peer, on a cache of {@link #ENTRIES} entries. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PeerBenchmark {

    /** How many entries a cache holds. */
    static final int ENTRIES = 10_000;

    private static final int HOT = 1024;
    private static final int KEYS = 100_000;
    private static final int DRAWS = 1 << 20;
    private static final String VALUE = "v".repeat(1024);

    @Param
    Peer peer = Peer.TINYLLM;

    private final String[] keys = new String[KEYS];
    private int[] draws = {};
    private @Nullable AnnotationConfigApplicationContext context;
    private @Nullable Operations cache;
    private @Nullable Annotated annotated;

    /** Which key is next; one for each thread, each from another place. */
    @State(Scope.Thread)
    public static class Position {

        private static final java.util.concurrent.atomic.AtomicInteger THREADS =
                new java.util.concurrent.atomic.AtomicInteger();

        private final int thread = THREADS.getAndIncrement();
        private int next = thread * 7919;
        private long fresh = (long) thread << 40;

        int advance(int size) {
            return next++ & (size - 1);
        }

        /** A key that nobody has asked for. */
        String fresh() {
            return "fresh-" + fresh++;
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        context = peer.open(ENTRIES, Annotated.class);
        cache = peer.operations(context, ENTRIES);
        annotated = peer.hasAnnotations() ? context.getBean(Annotated.class) : null;
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "key-" + i;
        }
        draws = Zipf.draws(KEYS, DRAWS);
        for (int draw : draws) {
            cache.load(keys[draw], VALUE);
        }
        for (int i = 0; i < HOT; i++) {
            hot().put(keys[i], VALUE);
        }
    }

    private Operations hot() {
        return Objects.requireNonNull(cache);
    }

    @TearDown(Level.Trial)
    public void close() {
        if (context != null) {
            context.close();
        }
    }

    /** A hit through {@code Cache.get}. */
    @Benchmark
    public @Nullable Object hit(Position position) {
        return hot().get(keys[position.advance(HOT)]);
    }

    /** A hit through an annotated method. */
    @Benchmark
    public @Nullable Object annotatedHit(Position position) {
        return Objects.requireNonNull(annotated).find(keys[position.advance(HOT)]);
    }

    /** A key that is not there, loaded at once into the full cache. */
    @Benchmark
    public @Nullable Object missAndLoad(Position position) {
        return hot().load(position.fresh(), VALUE);
    }

    /** A write over an entry that is there. */
    @Benchmark
    public void put(Position position) {
        hot().put(keys[position.advance(HOT)], VALUE);
    }

    /** Reads of which few keys are popular, of ten times the keys that the cache holds, with loads. */
    @Benchmark
    public @Nullable Object zipf(Position position) {
        return hot().load(keys[draws[position.advance(DRAWS)]], VALUE);
    }

    /** The same through an annotated method. */
    @Benchmark
    public @Nullable Object annotatedZipf(Position position) {
        return Objects.requireNonNull(annotated).find(keys[draws[position.advance(DRAWS)]]);
    }

    /** The service whose answers are cached. */
    static class Annotated {

        @Cacheable(Peer.CACHE)
        public String find(String key) {
            return VALUE;
        }
    }
}
