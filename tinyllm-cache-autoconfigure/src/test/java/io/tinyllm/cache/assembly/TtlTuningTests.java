package io.tinyllm.cache.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.TuningMode;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The adaptive policy in a cache, by a clock of our own. */
class TtlTuningTests {

    private static final int SECONDS = 3 * 3600;
    private static final int HOT_KEYS = 20;

    private final AtomicLong now = new AtomicLong();
    private double hitRate;
    private long hot;
    private String reason = "";

    /**
     * Two keys a second that never come back, and two that come back every ten seconds; how many entries there are at
     * the end.
     */
    private long entries(boolean enabled, TuningMode mode) {
        CacheSettings settings = new CacheSettings();
        settings.setTimeToLive(Duration.ofHours(1));
        settings.getTtlOptimizer().setEnabled(enabled);
        settings.getTtlOptimizer().setMode(mode);
        settings.getTtlOptimizer().setMinimum(Duration.ofMinutes(1));
        try (ControlPlane controlPlane = new ControlPlane(now::get, List.of())) {
            TieredCache cache = assemble(controlPlane, settings);
            for (int second = 0; second < SECONDS; second++) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(1));
                for (int i = 0; i < 2; i++) {
                    ask(cache, "once" + (2 * second + i));
                    ask(cache, "often" + (2 * second + i) % HOT_KEYS);
                }
                if (second % 10 == 0) {
                    controlPlane.catchUp();
                    CacheTuning tuning = controlPlane.tuning("cache");
                    if (tuning != null) {
                        tuning.stepIfDue();
                    }
                }
            }
            CacheTuning tuning = controlPlane.tuning("cache");
            if (enabled) {
                Objects.requireNonNull(tuning).stepNow();
                reason = Objects.requireNonNull(tuning.timeToLive())
                        .report()
                        .decisions()
                        .toString();
            }
            hot = IntStream.range(0, HOT_KEYS)
                    .filter(key -> cache.memory().peek("often" + key) != null)
                    .count();
            hitRate = (double) cache.counters().hits() / (4L * SECONDS);
            return cache.memory().size();
        }
    }

    private TieredCache assemble(ControlPlane controlPlane, CacheSettings settings) {
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

    private static void ask(TieredCache cache, String key) {
        cache.get(key, () -> "answer");
    }

    @Test
    void dropsWhatNeverComesBackLongBeforeItExpiresAndLosesNextToNoHit() {
        long all = entries(false, TuningMode.ACT);
        double before = hitRate;
        assertThat(entries(true, TuningMode.ACT)).as(reason).isLessThan(all / 2);
        assertThat(hitRate).isGreaterThan(before - 0.01);
        assertThat(hot).as("keys read all the time").isGreaterThanOrEqualTo(HOT_KEYS - 1);
        assertThat(reason).contains("set: idle timeout");
    }

    @Test
    void keepsEverythingWhereItObserves() {
        long all = entries(false, TuningMode.ACT);
        assertThat(entries(true, TuningMode.OBSERVE)).isBetween(all - 50, all + 50);
        assertThat(reason).contains("observed only: ");
    }

    /**
     * Keys that are read all the time while their source is down: what they are answered with is in use, however old.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsStaleAnswersThatAreStillNeeded(boolean inBackground) {
        CacheSettings settings = new CacheSettings();
        settings.setTimeToLive(Duration.ofHours(1));
        settings.getTtlOptimizer().setEnabled(true);
        settings.getTtlOptimizer().setMinimum(Duration.ofMinutes(1));
        if (inBackground) {
            settings.setStaleWhileRevalidate(Duration.ofDays(1));
        } else {
            settings.setStaleIfError(Duration.ofDays(1));
        }
        try (ControlPlane controlPlane = new ControlPlane(now::get, List.of())) {
            TieredCache cache = assemble(controlPlane, settings);
            int failed = 0;
            for (int second = 0; second < 2 * SECONDS; second++) {
                now.addAndGet(TimeUnit.SECONDS.toNanos(1));
                boolean down = second > SECONDS;
                try {
                    cache.get("key" + second % 40, () -> {
                        if (down) {
                            throw new IllegalStateException("down");
                        }
                        return "answer";
                    });
                } catch (LoadFailedException e) {
                    failed++;
                }
                if (second % 10 == 0) {
                    controlPlane.catchUp();
                    Objects.requireNonNull(controlPlane.tuning("cache")).stepIfDue();
                }
            }
            assertThat(failed).isZero();
        }
    }
}
