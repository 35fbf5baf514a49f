package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations, faults and restarts: what is pending, else in the store, is the last acknowledged operation. */
@Timeout(60)
class WriteBackModelTests {

    private static final int KEYS = 30;

    @TempDir
    Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final FaultyDisk disk = new FaultyDisk();
    private final RecordingStore.Clearing store = new RecordingStore.Clearing();
    private final Map<String, String> model = new HashMap<>();

    private WriteBackPolicy open(Random random) {
        return new WriteBackPolicy(
                "cache",
                Untyped.of(store),
                new WriteBackSettings(Duration.ofMillis(500), 4, 12, 3, 3),
                DirtyBytes.unlimited(),
                () -> Journals.open(directory, disk, Fsync.NEVER, ticker, 4096),
                task -> {},
                ticker,
                random);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aReadSeesTheLastAcknowledgedOperationWhateverFails(long seed) {
        Random random = new Random(seed);
        store.before = () -> ticker.advance(Duration.ofNanos(1_000));
        WriteBackPolicy policy = open(random);
        for (int step = 0; step < 1_500; step++) {
            String key = "k" + random.nextInt(KEYS);
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5, 6, 7 -> put(policy, key, "v" + step);
                case 8, 9, 10 -> put(policy, key, null);
                case 11, 12, 13 -> {
                    ticker.advance(Duration.ofMillis(random.nextInt(400)));
                    policy.flushDue();
                }
                case 14 -> ticker.advance(Duration.ofSeconds(6));
                case 15 -> store.refuses = refusal(random);
                case 16 -> policy.retryDeadLetters();
                case 17 -> disk.space = random.nextBoolean() ? random.nextInt(100) : Long.MAX_VALUE;
                case 18 -> {
                    if (random.nextInt(10) == 0) {
                        clear(policy);
                    }
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        disk.space = Long.MAX_VALUE;
                        policy.close(random.nextBoolean() ? Duration.ZERO : Duration.ofNanos(1_000));
                        policy = open(random);
                    }
                }
            }
            check(policy, step);
        }
        store.refuseNothing();
        disk.space = Long.MAX_VALUE;
        policy.retryDeadLetters();
        for (int round = 0; round < 10; round++) {
            ticker.advance(Duration.ofSeconds(6));
            policy.flushDue();
        }
        assertThat(store.rows).isEqualTo(model);
        assertThat(policy.statistics().dirty()).isZero();
        assertThat(policy.statistics().deadLetters()).isEmpty();
        assertThat(policy.statistics().journalHealthy()).isTrue();
        policy.close(Duration.ZERO);
        policy = open(random);
        assertThat(policy.statistics().dirty()).isZero();
        policy.close(Duration.ZERO);
    }

    private Predicate<String> refusal(Random random) {
        int poison = random.nextInt(KEYS);
        return switch (random.nextInt(4)) {
            case 0 -> key -> true;
            case 1 -> ("k" + poison)::equals;
            default -> key -> false;
        };
    }

    private void put(WriteBackPolicy policy, String key, String value) {
        try (StoreWriter.Write write = value == null ? policy.evict(key) : policy.put(key, value)) {
            assertThat(write.mayPublish()).isEqualTo(value != null);
            if (value == null) {
                model.remove(key);
            } else {
                model.put(key, value);
            }
        } catch (IllegalStateException refused) {
            assertThat(refused).hasMessage("refused");
        }
    }

    private void clear(WriteBackPolicy policy) {
        try (StoreWriter.Write clear = policy.clear()) {
            assertThat(clear.mayPublish()).isFalse();
            model.clear();
        } catch (IllegalStateException refused) {
            assertThat(refused).hasMessage("refused");
        }
    }

    private void check(WriteBackPolicy policy, int step) {
        Map<String, Object> read = new HashMap<>(store.rows);
        for (int i = 0; i < KEYS; i++) {
            StoreWriter.Pending pending = policy.pending("k" + i);
            if (pending != null) {
                read.compute("k" + i, (key, stored) -> pending.value());
            }
        }
        assertThat(read).as("after step %s", step).isEqualTo(model);
        assertThat(policy.statistics().dirty()).isLessThanOrEqualTo(12 + 3);
        assertThat(policy.statistics().deadLetters()).hasSizeLessThanOrEqualTo(3);
    }
}
