package io.tinyllm.cache.benchmarks.tags;

import com.sun.management.ThreadMXBean;
import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.benchmarks.Median;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Times what tags cost: a hit in an application without tags, of an entry without tags, and of one that bears a tag;
 * and the eviction of a tag that ten entries bear beside one that a million bear. By turns, in one JVM.
 */
public final class TagCost {

    private static final int ENTRIES = 1_000_000;
    private static final int FEW = 10;
    private static final int HITS = 200_000;
    private static final int EVICTIONS = 200;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private TagCost() {}

    /** Arguments: rounds, 40 unless given, of which the first half warms up. */
    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 40;
        try (ConfigurableApplicationContext plain = run(Plain.class);
                ConfigurableApplicationContext tagged = run(Tagged.class)) {
            Cache without = cache(plain);
            Cache with = cache(tagged);
            without.put("entry", "value");
            with.put("entry", "value");
            with.put("few/entry", "value");
            double[][] nanos = new double[3][rounds];
            long[] bytes = new long[3];
            for (int round = 0; round < rounds; round++) {
                progress("hits", round, rounds);
                bytes[0] = hits(without, "entry", nanos[0], round);
                bytes[1] = hits(with, "entry", nanos[1], round);
                bytes[2] = hits(with, "few/entry", nanos[2], round);
            }
            CacheTags tags = tagged.getBean(CacheTags.class);
            for (int i = 0; i < ENTRIES; i++) {
                with.put("many/" + i, "value");
            }
            for (int i = 0; i < FEW; i++) {
                with.put("few/" + i, "value");
            }
            double[][] evictions = new double[2][rounds];
            for (int round = 0; round < rounds; round++) {
                progress("evictions", round, rounds);
                evictions[0][round] = evictions(tags, "few");
                evictions[1][round] = evictions(tags, "many");
            }
            System.out.println();
            System.out.printf(
                    Locale.ROOT,
                    "a hit: without tags in the application %.1f ns, %d bytes; of an entry without tags %.1f ns, %d"
                            + " bytes; of one with a tag %.1f ns, %d bytes%n",
                    median(nanos[0]),
                    bytes[0],
                    median(nanos[1]),
                    bytes[1],
                    median(nanos[2]),
                    bytes[2]);
            System.out.printf(
                    Locale.ROOT,
                    "an eviction: of a tag that %d entries bear %.2f us, that %d bear %.2f us%n",
                    FEW,
                    median(evictions[0]),
                    ENTRIES,
                    median(evictions[1]));
            if (with.get("many/1") != null || with.get("few/1") != null || with.get("entry") == null) {
                throw new IllegalStateException("The tags were not evicted, or more than they");
            }
        }
    }

    private static ConfigurableApplicationContext run(Class<?> application) {
        SpringApplication spring = new SpringApplication(application);
        spring.setWebApplicationType(WebApplicationType.NONE);
        return spring.run(
                "--spring.main.banner-mode=off",
                "--tinyllm.cache.caches.entries.memory.maximum-size=2000000",
                "--tinyllm.cache.caches.entries.time-to-live=1h");
    }

    private static Cache cache(ConfigurableApplicationContext context) {
        return Objects.requireNonNull(context.getBean(CacheManager.class).getCache("entries"));
    }

    private static void progress(String what, int round, int rounds) {
        System.err.printf("\r%s: round %d of %d ", what, round + 1, rounds);
    }

    /** Returns the bytes of a hit. */
    private static long hits(Cache cache, String key, double[] nanos, int round) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long began = System.nanoTime();
        int found = 0;
        for (int i = 0; i < HITS; i++) {
            found += cache.get(key) == null ? 0 : 1;
        }
        nanos[round] = (System.nanoTime() - began) / (double) HITS;
        if (found != HITS) {
            throw new IllegalStateException("Not every one was a hit");
        }
        return (THREADS.getCurrentThreadAllocatedBytes() - allocated) / HITS;
    }

    /** The microseconds of one eviction. */
    private static double evictions(CacheTags tags, String tag) {
        long began = System.nanoTime();
        for (int i = 0; i < EVICTIONS; i++) {
            tags.evict(tag);
        }
        return (System.nanoTime() - began) / 1000.0 / EVICTIONS;
    }

    /** The median of the second half. */
    private static double median(double[] of) {
        return Median.of(Arrays.copyOfRange(of, of.length / 2, of.length));
    }

    /** An application without tags. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(TinyLlmCacheAutoConfiguration.class)
    static class Plain {}

    /** An application whose keys say which tag an entry bears. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(TinyLlmCacheAutoConfiguration.class)
    static class Tagged {

        @Bean
        TagResolver tagsByKey() {
            return new TagResolver() {
                @Override
                public Collection<String> tags(String cacheName, Object key, @Nullable Object value) {
                    String text = (String) key;
                    int slash = text.indexOf('/');
                    return slash < 0 ? List.of() : List.of(text.substring(0, slash));
                }
            };
        }
    }
}
