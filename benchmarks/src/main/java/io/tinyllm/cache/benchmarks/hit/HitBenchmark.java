package io.tinyllm.cache.benchmarks.hit;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** A hit in memory, through Spring's {@code Cache} and through a plain {@code @Cacheable} method, over 1,024 keys. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class HitBenchmark {

    private static final int KEYS = 1024;

    @Param({"TINYLLM", "CAFFEINE"})
    Contender contender = Contender.TINYLLM;

    private final String[] keys = new String[KEYS];
    private @Nullable AnnotationConfigApplicationContext context;
    private @Nullable Cache cache;
    private @Nullable Service service;

    /** Which key is next; one for each thread. */
    @State(Scope.Thread)
    public static class Position {

        private int next;

        int advance() {
            return next++ & (KEYS - 1);
        }
    }

    @Setup(Level.Trial)
    public void fill() {
        context = new AnnotationConfigApplicationContext(contender.configuration(), Service.class);
        service = context.getBean(Service.class);
        cache = context.getBean(CacheManager.class).getCache("hit");
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "key-" + i;
            service.find(keys[i]);
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        if (context != null) {
            context.close();
        }
    }

    @Benchmark
    public @Nullable Object cacheGet(Position position) {
        Cache.ValueWrapper wrapper = cache == null ? null : cache.get(keys[position.advance()]);
        return wrapper == null ? null : wrapper.get();
    }

    @Benchmark
    public @Nullable Object cacheable(Position position) {
        return service == null ? null : service.find(keys[position.advance()]);
    }

    /** What is cached: never called again once every key is filled. */
    static class Service {

        @Cacheable("hit")
        public String find(String key) {
            return "value of " + key;
        }
    }
}
