package io.tinyllm.cache.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.access.AccessBatch;
import io.tinyllm.cache.analytics.figures.ColdKey;
import io.tinyllm.cache.analytics.figures.Latency;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.settings.CacheDefinition;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What is told of a cache's traffic, against what is known of it. Time is the test's; the loop catches up when told to.
 */
class CacheAnalyticsTests {

    private final AtomicLong now = new AtomicLong(1);
    private final ControlPlane controlPlane = new ControlPlane(now::get, List.of());
    private final TieredCache cache = cache(1000);

    private TieredCache cache(long maximumSize) {
        CacheSettings settings = new CacheSettings();
        settings.setTimeToLive(Duration.ofDays(30));
        settings.getMemory().setMaximumSize(maximumSize);
        return new CacheAssembler(
                        CoarseTicker.exactly(now::get),
                        Runnable::run,
                        Runnable::run,
                        Runnable::run,
                        CacheEntry.Factory.PLAIN,
                        Extensions.NONE,
                        controlPlane)
                .assemble(new CacheDefinition("cache", "test", settings));
    }

    @AfterEach
    void close() {
        controlPlane.close();
    }

    private CacheAnalytics learnt() {
        controlPlane.catchUp();
        return controlPlane.analytics("cache");
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void tellsLatenciesOfLoadsWithinFivePercent() {
        Random random = new Random(1);
        long[] nanos = new long[10_000];
        for (int i = 0; i < nanos.length; i++) {
            long took = (long) (1e6 * Math.exp(random.nextGaussian()));
            nanos[i] = took;
            cache.get(i, () -> now.addAndGet(took));
            if (i % 500 == 0) {
                controlPlane.catchUp();
            }
        }
        Arrays.sort(nanos);
        for (Latency latency : List.of(learnt().loadLatency(), learnt().missLatency())) {
            assertThat(latency.count()).isEqualTo(nanos.length);
            assertClose(latency.mean(), Arrays.stream(nanos).average().orElseThrow());
            assertClose(latency.p50(), nanos[nanos.length / 2]);
            assertClose(latency.p95(), nanos[nanos.length * 95 / 100]);
            assertClose(latency.p99(), nanos[nanos.length * 99 / 100]);
            assertClose(latency.max(), nanos[nanos.length - 1]);
        }
        assertThat(learnt().hitLatency()).isEqualTo(Latency.NONE);
    }

    private static void assertClose(double told, double true_) {
        assertThat(told).isCloseTo(true_, within(true_ * 0.05));
    }

    @Test
    void forgetsLatenciesAfterFiveMinutes() {
        cache.get("slow", () -> now.addAndGet(1_000_000_000));
        assertThat(learnt().loadLatency().max()).isGreaterThanOrEqualTo(1_000_000_000);
        pass(Duration.ofMinutes(3));
        cache.get("fast", () -> now.addAndGet(1_000));
        assertThat(learnt().loadLatency().count()).isEqualTo(2);
        pass(Duration.ofMinutes(3));
        assertThat(learnt().loadLatency().count()).isEqualTo(1);
        assertThat(learnt().loadLatency().max()).isLessThan(2_000);
    }

    @Test
    void holdsNoHotKeyThatIsVeryLong() {
        String longest = "k".repeat(60_000);
        for (int i = 0; i < 5; i++) {
            cache.get(longest, () -> "value");
            cache.get("k".repeat(70_000), () -> "value");
        }
        assertThat(learnt().hotKeys()).extracting(HotKeys.HotKey::key).containsExactly(longest);
    }

    @Test
    void tellsHotKeysWithTheirExactCountsWhereTheTrafficIsLow() {
        for (int i = 0; i < 50; i++) {
            cache.get("hot", () -> "value");
            cache.get("once-" + i, () -> "value");
        }
        assertThat(learnt().hotKeys()).hasSize(10).first().isEqualTo(new HotKeys.HotKey("hot", 50));
        assertThat(learnt().hotShare()).isCloseTo((50 + 9) / 100.0, within(0.001));
    }

    @Test
    void scalesTheCountsOfHotKeysUpWhereAccessesWereLeftOut() {
        cache.put("hot", "value");
        cache.put("warm", "value");
        for (int i = 0; i < 1_000_000; i++) {
            cache.get(i % 4 == 0 ? "warm" : "hot");
        }
        assertThat(learnt().hotKeys()).extracting(HotKeys.HotKey::key).containsExactly("hot", "warm");
        assertThat((double) learnt().hotKeys().get(0).count()).isCloseTo(750_000, within(50_000.0));
    }

    @Test
    void halvesTheCountsOfHotKeysEveryHour() {
        for (int i = 0; i < 40; i++) {
            cache.get("old");
        }
        learnt();
        pass(Duration.ofMinutes(61));
        for (int i = 0; i < 30; i++) {
            cache.get("new");
        }
        assertThat(learnt().hotKeys()).containsExactly(new HotKeys.HotKey("new", 30), new HotKeys.HotKey("old", 20));
    }

    @Test
    void tellsTheKeysInMemoryThatNobodyHasAskedForTheLongest() {
        for (int i = 0; i < 100; i++) {
            cache.put(i, "value");
            pass(Duration.ofMillis(1));
        }
        pass(Duration.ofMinutes(10));
        for (int i = 0; i < 100; i++) {
            if (i % 10 != 3) {
                controlPlane.catchUp();
                cache.get(i);
            }
        }
        pass(Duration.ofSeconds(1));
        List<ColdKey> cold = learnt().coldKeys();
        assertThat(cold).extracting(ColdKey::key).containsExactly(3, 13, 23, 33, 43, 53, 63, 73, 83, 93);
        assertThat(cold)
                .allSatisfy(key -> assertThat(Duration.ofNanos(key.idleNanos()))
                        .isBetween(Duration.ofSeconds(601), Duration.ofSeconds(602)));
        assertThat(learnt().coldShare()).isCloseTo(0.1, within(1e-9));
        cache.evict(3);
        assertThat(learnt().coldKeys()).extracting(ColdKey::key).doesNotContain(3);
    }

    @Test
    void aLookAtColdKeysIsNoUseOfThem() {
        cache.put("a", "value");
        pass(Duration.ofMinutes(1));
        learnt().coldKeys();
        pass(Duration.ofMinutes(1));
        assertThat(learnt().coldKeys().get(0).idleNanos())
                .isEqualTo(Duration.ofMinutes(2).toNanos());
        assertThat(cache.counters().hits()).isZero();
    }

    /** On every trace of the directory: counters exact, and the hot keys catch the traffic of the truly hottest. */
    @Test
    @EnabledIfSystemProperty(named = "traces", matches = ".+")
    void agreesWithABruteForceOracleOnTraces() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("traces")))) {
            for (Path trace : files.filter(file -> file.toString().endsWith(".gz"))
                    .sorted()
                    .toList()) {
                HotKeys hot = new HotKeys();
                Map<Object, Integer> truth = new HashMap<>();
                long requests = 0;
                TieredCache replayed = cache(1000);
                for (String key : keys(trace)) {
                    requests++;
                    truth.merge(key, 1, Integer::sum);
                    hot.record(key, AccessBatch.hashOf(key));
                    replayed.get(key, () -> "value");
                }
                assertThat(replayed.counters().hits() + replayed.counters().misses())
                        .isEqualTo(requests);
                assertThat(replayed.counters().loads())
                        .isEqualTo(replayed.counters().misses());
                double top10 = captured(truth, hot, 10);
                double top100 = captured(truth, hot, 100);
                double share = truth.values().stream()
                                .sorted(Comparator.reverseOrder())
                                .limit(10)
                                .mapToLong(Integer::longValue)
                                .sum()
                        / (double) requests;
                System.out.printf(
                        "%s: the top 10 are %.4f of the traffic; captured of the top 10 %.4f, of the top 100 %.4f%n",
                        trace.getFileName(), share, top10, top100);
                if (share < 0.0005) {
                    continue; // nothing is hot
                }
                assertThat(top10).as("top 10 of " + trace).isGreaterThanOrEqualTo(0.97);
                assertThat(top100).as("top 100 of " + trace).isGreaterThanOrEqualTo(0.95);
            }
        }
    }

    private static double captured(Map<Object, Integer> truth, HotKeys hot, int n) {
        long best = truth.values().stream()
                .sorted(Comparator.reverseOrder())
                .limit(n)
                .mapToLong(Integer::longValue)
                .sum();
        long found = hot.top(n).stream().mapToLong(key -> truth.get(key.key())).sum();
        return (double) found / best;
    }

    private static List<String> keys(Path trace) throws IOException {
        List<String> keys = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(trace)), StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int comma = line.indexOf(',');
                keys.add(comma < 0 ? line : line.substring(0, comma));
            }
        }
        return keys;
    }
}
