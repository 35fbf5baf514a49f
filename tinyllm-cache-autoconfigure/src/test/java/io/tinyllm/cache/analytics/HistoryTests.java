package io.tinyllm.cache.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.analytics.figures.HistoryRow;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.settings.CacheDefinition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The minutes of a cache. Time is the test's. */
class HistoryTests {

    private final AtomicLong now = new AtomicLong(LatencyWindow.SLICE_NANOS);
    private final ControlPlane controlPlane = new ControlPlane(now::get, List.of());
    private final TieredCache cache = cache();

    private TieredCache cache() {
        CacheSettings settings = new CacheSettings();
        settings.setTimeToLive(Duration.ofDays(30));
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

    private List<HistoryRow> history() {
        controlPlane.catchUp();
        return controlPlane.analytics("cache").history();
    }

    /** Closes rows as the control loop does every second. */
    private void passMinutes(int minutes) {
        history();
        now.addAndGet(minutes * LatencyWindow.SLICE_NANOS);
        history();
    }

    private void load(Object key, int millis) {
        cache.get(key, () -> now.addAndGet(Duration.ofMillis(millis).toNanos()));
    }

    @Test
    void hasARowForTheMinuteUnderWay() {
        load("a", 20);
        load("a", 20);
        load("a", 20);
        load("b", 20);
        assertThat(history()).singleElement().satisfies(row -> {
            assertThat(row.requests()).isEqualTo(4);
            assertThat(row.hits()).isEqualTo(2);
            assertThat(row.loads()).isEqualTo(2);
            assertThat(row.loadFailures()).isZero();
            assertThat(row.hitRate()).isEqualTo(0.5);
            assertThat(row.p99Millis()).isCloseTo(20, within(0.5));
        });
    }

    @Test
    void tellsEachMinuteWhatBelongsToIt() {
        load("a", 20);
        passMinutes(1);
        load("a", 20);
        passMinutes(1);
        catchThrowable(() -> cache.get("c", () -> {
            now.addAndGet(5_000_000);
            throw new IllegalStateException("no");
        }));
        assertThat(history())
                .extracting(HistoryRow::requests, HistoryRow::hits, HistoryRow::loads, HistoryRow::loadFailures)
                .containsExactly(tuple(1L, 0L, 1L, 0L), tuple(1L, 1L, 0L, 0L), tuple(1L, 0L, 1L, 1L));
        assertThat(history().get(0).p99Millis()).isCloseTo(20, within(0.5));
        assertThat(history().get(2).p99Millis()).isCloseTo(5, within(0.2));
    }

    @Test
    void keepsSixtyRowsHoweverLongItRuns() {
        for (int minute = 0; minute < 200; minute++) {
            load("a", 1);
            passMinutes(1);
        }
        assertThat(history()).hasSize(60);
        assertThat(history())
                .extracting(HistoryRow::requests)
                .startsWith(1L, 1L, 1L)
                .endsWith(1L, 0L);
    }

    @Test
    void hasRowsOfZerosForMinutesInWhichNobodyAsked() {
        load("a", 20);
        passMinutes(3);
        List<HistoryRow> rows = history();
        assertThat(rows).extracting(HistoryRow::requests).containsExactly(1L, 0L, 0L, 0L);
        assertThat(rows).extracting(HistoryRow::p99Millis).last().isEqualTo(0.0);
        passMinutes(10_000);
        assertThat(history())
                .hasSize(60)
                .allSatisfy(row -> assertThat(row.requests()).isZero());
    }

    @Test
    void countsABypassedReadAsARequestThatTheHitRateLeavesOut() {
        CacheSettings settings = new CacheSettings();
        settings.getBypass().setKeyPatterns(List.of("no*"));
        TieredCache bypassing = new CacheAssembler(
                        CoarseTicker.exactly(now::get),
                        Runnable::run,
                        Runnable::run,
                        Runnable::run,
                        CacheEntry.Factory.PLAIN,
                        Extensions.NONE,
                        controlPlane)
                .assemble(new CacheDefinition("bypassing", "test", settings));
        bypassing.get("no thanks", () -> 1);
        bypassing.get("yes", () -> 1);
        bypassing.get("yes", () -> 1);
        HistoryRow row = controlPlane.analytics("bypassing").history().get(0);
        assertThat(row.requests()).isEqualTo(3);
        assertThat(row.hitRate()).isEqualTo(0.5);
    }

    @Test
    void saysWhenEachMinuteBegan() {
        Instant begin = Instant.now();
        load("a", 20);
        passMinutes(2);
        List<HistoryRow> rows = history();
        for (int i = 1; i < rows.size(); i++) {
            assertThat(Duration.between(rows.get(i - 1).at(), rows.get(i).at()))
                    .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(61));
        }
        assertThat(rows.get(rows.size() - 1).at()).isBetween(begin.minusSeconds(61), Instant.now());
    }
}
