package io.tinyllm.cache.benchmarks.hit;

import io.tinyllm.cache.analytics.CacheAnalytics;
import io.tinyllm.cache.assembly.ControlPlane;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
import org.springframework.core.env.MapPropertySource;

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
    private @Nullable Thread reader;

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
        context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", contender.properties()));
        context.register(contender.configuration(), Service.class);
        context.refresh();
        service = context.getBean(Service.class);
        cache = context.getBean(CacheManager.class).getCache("hit");
        for (int i = 0; i < KEYS; i++) {
            keys[i] = "key-" + i;
            service.find(keys[i]);
        }
        if (contender == Contender.ANALYTICS_READ) {
            ControlPlane controlPlane = context.getBean(ControlPlane.class);
            reader = new Thread(() -> readAHundredTimesASecond(controlPlane), "reader");
            reader.start();
        }
    }

    /** What the endpoint reads, and as it reads it. */
    private static void readAHundredTimesASecond(ControlPlane controlPlane) {
        CacheAnalytics analytics = Objects.requireNonNull(controlPlane.analytics("hit"));
        long read = 0;
        while (!Thread.currentThread().isInterrupted()) {
            controlPlane.catchUp();
            read += analytics.hitLatency().count()
                    + analytics.loadLatency().count()
                    + analytics.hotKeys().size()
                    + analytics.coldKeys().size();
            LockSupport.parkNanos(10_000_000L);
        }
        if (read == 0) {
            throw new IllegalStateException("Nothing was read");
        }
    }

    @TearDown(Level.Trial)
    public void close() throws InterruptedException {
        if (reader != null) {
            reader.interrupt();
            reader.join();
        }
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
