package io.tinyllm.cache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.core.port.BypassPolicy;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.snapshot.figures.SnapshotInfo;
import io.tinyllm.cache.snapshot.figures.SnapshotResult;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;

class SnapshotsTests {

    @TempDir
    Path directory;

    private Fixture f;

    @BeforeEach
    void begin() {
        f = new Fixture(directory).start();
    }

    @AfterEach
    void end() {
        f.close();
    }

    record User(String name, int age, List<String> roles) {}

    record Id(String tenant, long number) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void bringsBackKeysAndValuesOfEveryKindEqual(boolean compress) {
        f.compress = compress;
        f.restart();
        Map<Object, Object> entries = new LinkedHashMap<>();
        entries.put("alice", new User("Alice", 42, List.of("admin", "üser \n\"quoted\"")));
        entries.put("", "empty key");
        entries.put("a\nb\"c\\d\u2028\u0000", "line\nbreak");
        entries.put("\ud800", "lone surrogate");
        entries.put("😀", "😀");
        entries.put("42", "text");
        entries.put(42, "int");
        entries.put(42L, "long");
        entries.put(List.of("a", 1, 2L), List.of(1, "b"));
        entries.put(new Id("acme", 7), -12);
        entries.put(UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), -0.5);
        entries.put(LocalDate.of(2026, 1, 31), true);
        entries.put(new BigInteger("123456789012345678901234567890"), "big");
        entries.put("bytes", Instant.parse("2026-01-31T12:00:00Z"));
        entries.put("map", Map.of("k", new User("Bob", 1, List.of())));
        entries.put("null", null);
        entries.forEach(f.cache::put);

        SnapshotResult saved = f.save();
        assertThat(saved.entries()).isEqualTo(entries.size());
        assertThat(saved.skipped()).isZero();
        f.restart();
        SnapshotResult restored = f.restore();

        assertThat(restored.entries()).isEqualTo(entries.size());
        assertThat(restored.skipped()).isZero();
        entries.forEach((key, value) -> {
            assertThat(f.cache.get(key)).as("%s", key).isNotNull();
            assertThat(f.value(key)).isEqualTo(value);
        });
        assertThat(f.memory.size()).isEqualTo(entries.size());
    }

    @Test
    void timesToLiveContinueAndWhatExpiredMeanwhileIsGone() {
        f.cache.put("old", 1);
        f.pass(Duration.ofMinutes(6));
        f.cache.put("new", 2);
        f.save();
        f.restart();
        f.pass(Duration.ofMinutes(5));
        SnapshotResult restored = f.restore();
        assertThat(restored.entries()).isEqualTo(1);
        assertThat(restored.skipped()).isEqualTo(1);
        assertThat(f.value("old")).isNull();
        assertThat(f.value("new")).isEqualTo(2);
        f.pass(Duration.ofMinutes(5).minusMillis(2));
        assertThat(f.value("new")).isEqualTo(2);
        f.pass(Duration.ofMillis(2));
        assertThat(f.value("new")).isNull();
    }

    @Test
    void leavesOutWhatIsStale() {
        long ttl = Duration.ofMinutes(1).toNanos();
        long keep = Duration.ofHours(1).toNanos();
        f.memory.put(
                "k", CacheEntry.Factory.PLAIN.create("v", f.ticker.get(), ttl, new CacheEntry.Policy(0, keep - ttl)));
        f.pass(Duration.ofSeconds(59));
        assertThat(f.save().entries()).isEqualTo(1);
        f.pass(Duration.ofSeconds(1));
        assertThat(f.memory.peek("k")).isNotNull();
        SnapshotResult stale = f.save();
        assertThat(stale.entries()).isZero();
        assertThat(stale.skipped()).isEqualTo(1);
    }

    @Test
    void aWallClockThatJumpsNeverProlongsALife() {
        f.cache.put("k", "v");
        f.save();
        f.wall = f.wall.minus(Duration.ofDays(1));
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
        f.pass(Fixture.TTL.minusNanos(1));
        assertThat(f.value("k")).isEqualTo("v");
        f.pass(Duration.ofNanos(1));
        assertThat(f.value("k")).isNull();
    }

    @Test
    void aWallClockThatJumpsAheadCostsEntriesAndNothingElse() {
        f.cache.put("k", "v");
        f.save();
        f.wall = f.wall.plus(Duration.ofDays(1));
        f.restart();
        SnapshotResult restored = f.restore();
        assertThat(restored.entries()).isZero();
        assertThat(restored.skipped()).isEqualTo(1);
    }

    @Test
    void aWallClockThatJumpsWhileTheApplicationRunsLeavesLocalDeadlinesAlone() {
        f.cache.put("k", "v");
        f.wall = f.wall.plus(Duration.ofDays(1));
        assertThat(f.value("k")).isEqualTo("v");
        f.save();
        f.restart();
        f.restore();
        assertThat(f.value("k")).isEqualTo("v");
    }

    @Test
    void leavesOutUnflushedWritesOnBothSides() {
        f.cache.put("dirty", 1);
        f.cache.put("clean", 2);
        f.leftOut = "dirty"::equals;
        SnapshotResult saved = f.save();
        assertThat(saved.entries()).isEqualTo(1);
        assertThat(saved.skipped()).isEqualTo(1);
        f.restart();
        f.leftOut = "clean"::equals;
        assertThat(f.restore().entries()).isZero();
    }

    @Test
    void leavesOutWhatHasNoStoredFormAndKeepsTheRest() {
        f.cache.put("thread", new Thread());
        f.cache.put(new Object(), "value");
        f.cache.put("k", "v");
        f.cache.put("number of 2,000 digits", BigInteger.TEN.pow(2_000));
        SnapshotResult saved = f.save();
        assertThat(saved.entries()).isEqualTo(2);
        assertThat(saved.skipped()).isEqualTo(2);
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(2);
        assertThat(f.value("number of 2,000 digits")).isEqualTo(BigInteger.TEN.pow(2_000));
    }

    @Test
    void rulesHoldForWhatComesBack() {
        f.cache.put("secret", 1);
        f.cache.put("open", 2);
        f.save();
        f.bypass = new BypassPolicy() {
            @Override
            public boolean bypassesRead(Object key) {
                return key.equals("secret");
            }

            @Override
            public boolean bypassesWrite(Object key, Object value) {
                return false;
            }
        };
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.memory.peek("secret")).isNull();
    }

    @Test
    void neverReplacesALiveEntry() {
        f.cache.put("k", "saved");
        f.cache.put("other", "saved");
        f.save();
        f.restart();
        f.cache.put("k", "live");
        SnapshotResult restored = f.restore();
        assertThat(restored.entries()).isEqualTo(1);
        assertThat(restored.skipped()).isEqualTo(1);
        assertThat(f.value("k")).isEqualTo("live");
        assertThat(f.value("other")).isEqualTo("saved");
    }

    @Test
    void whatIsEvictedWhileItIsReadStaysAway() {
        f.cache.put("k", "saved");
        f.cache.put("other", "saved");
        f.save();
        f.restart();
        // Asked once for each entry that was read, before it is stored.
        f.leftOut = key -> {
            f.cache.evict("k");
            return false;
        };
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.value("k")).isNull();
    }

    @Test
    void stopsAtTheBoundWithTheHottestEntriesIn() {
        for (int i = 0; i < 1_000; i++) {
            f.cache.put(i, i);
        }
        for (int use = 0; use < 10; use++) {
            for (int i = 500; i < 550; i++) {
                f.cache.get(i);
            }
        }
        f.save();
        f.bound = 100;
        f.restart();
        SnapshotResult restored = f.restore();
        assertThat(restored.entries()).isEqualTo(100);
        assertThat(restored.skipped()).isEqualTo(900);
        for (int i = 500; i < 550; i++) {
            assertThat(f.memory.peek(i)).as("%d", i).isNotNull();
        }
        assertThat(f.memory.evictions()).isZero();
    }

    @Test
    void savesOnlyWhatChanged() {
        f.snapshots.saveChanged();
        assertThat(f.snapshots.list()).isEmpty();
        f.cache.put("k", "v");
        f.snapshots.saveChanged();
        f.snapshots.saveChanged();
        assertThat(f.snapshots.statistics().saves()).isEqualTo(1);
        f.restart();
        f.restore();
        f.snapshots.saveChanged();
        assertThat(f.snapshots.statistics().saves()).isZero();
        f.cache.evict("k");
        f.snapshots.saveChanged();
        assertThat(f.snapshots.statistics().saves()).isEqualTo(1);
    }

    @Test
    void whatWasEvictedOrClearedBeforeASaveDoesNotComeBack() {
        f.cache.put("a", 1);
        f.cache.put("b", 2);
        f.snapshots.saveChanged();
        f.cache.evict("a");
        f.snapshots.saveChanged();
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
        f.cache.clear();
        f.snapshots.saveChanged();
        f.restart();
        assertThat(f.restore().entries()).isZero();
    }

    @Test
    void savesAtEveryIntervalUntilItIsClosed() throws Exception {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        try {
            CountDownLatch asked = new CountDownLatch(3);
            f.leftOut = key -> {
                asked.countDown();
                // So that there is something to save the next time as well.
                f.cache.put("k", asked.getCount());
                return false;
            };
            f.cache.put("k", "v");
            f.snapshots.start(executor, Duration.ofMillis(1));
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            f.close();
        } finally {
            executor.shutdownNow();
        }
        f = new Fixture(directory).start();
    }

    @Test
    void restoresEveryCacheAtOnceWithinATimeout() {
        f.cache.put("k", "v");
        f.save();
        f.restart();
        assertThat(f.snapshots.restoreAll(Duration.ofSeconds(30), Runnable::run))
                .isTrue();
        assertThat(f.value("k")).isEqualTo("v");
    }

    @Test
    void whatWentWithTheDirectoryIsSavedAnewThoughNothingHasChangedAndToldForAnInterval() throws Exception {
        f.cache.put("k", "v");
        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).isEmpty();
        FileSystemUtils.deleteRecursively(directory);

        f.snapshots.saveChanged();
        assertThat(f.files()).containsExactly("users-1.jsonl");
        assertThat(f.snapshots.problems().get("users")).contains("removed or renamed");
        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).isEmpty();
        assertThat(f.files()).as("nothing has changed since").containsExactly("users-1.jsonl");
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
    }

    @Test
    void aDirectoryThatGoesAndCannotBeMadeAnewIsToldThoughNothingHasChanged() throws Exception {
        f.cache.put("k", "v");
        f.snapshots.saveChanged();
        FileSystemUtils.deleteRecursively(directory);
        Files.createFile(directory);

        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).containsOnlyKeys("users");
        Files.delete(directory);
        f.snapshots.saveChanged();
        assertThat(f.files()).containsExactly("users-1.jsonl");
        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).isEmpty();
    }

    @Test
    void aDirectoryThatIsFoundGoneByASaveOutOfTurnIsToldUntilTheNextTurn() throws Exception {
        f.cache.put("k", "v");
        f.save();
        FileSystemUtils.deleteRecursively(directory);
        f.save();
        assertThat(f.snapshots.problems()).containsOnlyKeys("users");
        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).isEmpty();
    }

    @Test
    void aRestoreThatTakesTooLongLeavesTheRestAndTheFile() throws Exception {
        for (int i = 0; i < 10; i++) {
            f.cache.put(i, i);
        }
        f.save();
        f.restart();
        f.leftOut = key -> {
            f.pass(Duration.ofSeconds(10));
            return false;
        };
        assertThat(f.snapshots.restoreAll(Duration.ofSeconds(30), Runnable::run))
                .isFalse();
        assertThat(f.memory.size()).isEqualTo(3);
        assertThat(f.files()).containsExactly("users-1.jsonl");
        assertThat(f.snapshots.statistics().corruptFiles()).isZero();
    }

    @Test
    void aCallerWaitsNoLongerThanTheTimeoutForADiskThatHangs() {
        List<Runnable> hanging = new ArrayList<>();
        assertThat(f.snapshots.restoreAll(Duration.ofMillis(20), hanging::add)).isFalse();
        assertThat(hanging).hasSize(1);
    }

    @Test
    void listsTheGenerationsThatAreKept() throws Exception {
        for (int i = 1; i <= 4; i++) {
            f.cache.put(i, i);
            f.save();
            f.pass(Duration.ofSeconds(1));
        }
        List<SnapshotInfo> infos = f.snapshots.list();
        assertThat(infos).extracting(SnapshotInfo::generation).containsExactly(4L, 3L);
        assertThat(infos).extracting(SnapshotInfo::entries).containsExactly(4L, 3L);
        assertThat(infos.get(0).savedAt()).isEqualTo(Instant.parse("2026-01-31T12:00:03.123Z"));
        assertThat(infos.get(0).bytes()).isEqualTo(Files.size(f.file("users-4.jsonl")));
        assertThat(f.files()).containsExactly("users-3.jsonl", "users-4.jsonl");
        assertThat(f.snapshots.savedCaches()).containsExactly("users");
    }

    @Test
    void listsCompressedGenerationsToo() {
        f.compress = true;
        f.restart();
        for (int i = 0; i < 5_000; i++) {
            f.cache.put(i, "value " + i * 31);
        }
        f.save();
        assertThat(f.snapshots.list()).extracting(SnapshotInfo::entries).containsExactly(5_000L);
        assertThat(f.snapshots.savedCaches()).containsExactly("users");
    }

    @Test
    void readsWhatWasSavedUnderTheOtherSettingOfCompression() {
        f.cache.put("k", "v");
        f.save();
        f.compress = true;
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
        f.save();
        f.compress = false;
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(1);
    }

    @Test
    void deletesTheFilesOfACache() throws Exception {
        f.cache.put("k", "v");
        f.save();
        f.save();
        assertThat(f.snapshots.delete("users")).isTrue();
        assertThat(f.files()).isEmpty();
        assertThat(f.snapshots.delete("users")).isFalse();
    }

    @Test
    void refusesACacheThatItDoesNotKnow() {
        for (String name : Arrays.asList("other", "../users", "users-1", "")) {
            assertThat(f.snapshots.contains(name)).isFalse();
            assertThatThrownBy(() -> f.snapshots.save(name)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.snapshots.restore(name)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> f.snapshots.delete(name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aSnapshotIsOneLineOfJsonForEachEntryBetweenAHeaderAndAFooter() throws Exception {
        f.cache.put("alice", new User("Alice", 42, List.of("admin")));
        f.save();
        List<String> lines = Files.readAllLines(f.file("users-1.jsonl"));
        assertThat(lines.stream()
                        .map(line -> line.replaceFirst(",\"crc\":\"[0-9a-f]{8}\"}$", "}")
                                .replaceFirst("#[a-z0-9]+\":", "#HASH\":"))
                        .collect(Collectors.toList()))
                .containsExactly(
                        "{\"format\":\"tinyllm-cache-snapshot\",\"version\":2,\"cache\":\"users\",\"generation\":1,"
                                + "\"savedAt\":\"2026-01-31T12:00:00.123Z\"}",
                        "{\"key\":\"alice\",\"expiresAt\":\"2026-01-31T12:10:00.123Z\","
                                + "\"type\":\"io.tinyllm.cache.snapshot.SnapshotsTests$User\","
                                + "\"value\":{\"io.tinyllm.cache.snapshot.SnapshotsTests$User#HASH\":"
                                + "{\"name\":\"Alice\",\"age\":42,\"roles\":{\"ListOf\":[\"admin\"]}}}}",
                        "{\"end\":true,\"savedAt\":\"2026-01-31T12:00:00.123Z\",\"entries\":1}");
    }

    /** The file of format version 2 as it was first written. */
    @Test
    void aFileOfTheFormatsVersionIsReadAsEver() throws Exception {
        String name = "/snapshot/v2-users.jsonl";
        String golden = System.getProperty("tinyllm.test.golden-directory");
        if (golden != null) {
            f.cache.put("alice", new User("Alice", 42, List.of("admin")));
            f.cache.put(new Id("eu", 7), "text \u00e9");
            f.cache.put(42, null);
            f.save();
            Files.createDirectories(Path.of(golden, "snapshot"));
            Files.copy(f.file("users-1.jsonl"), Path.of(golden, name));
            f.snapshots.delete("users");
            f.restart();
        }
        try (InputStream in = getClass().getResourceAsStream(name)) {
            Files.write(f.file("users-1.jsonl"), in.readAllBytes());
        }
        assertThat(f.restore().entries()).isEqualTo(3);
        assertThat(f.value("alice")).isEqualTo(new User("Alice", 42, List.of("admin")));
        assertThat(f.value(new Id("eu", 7))).isEqualTo("text \u00e9");
        assertThat(f.cache.get(42).value()).isNull();
    }

    /** Holds what cannot be written. */
    record Locked(ReentrantLock lock) {}

    @Test
    void whatItLeavesOutForHavingNoStoredFormIsTold() {
        f.cache.put("a", new Locked(new ReentrantLock()));
        f.cache.put("b", new Locked(new ReentrantLock()));
        f.cache.put("c", "text");
        f.save();
        f.save();
        assertThat(f.notShared.rows("users")).singleElement().satisfies(row -> {
            assertThat(row.type()).isEqualTo(Locked.class.getName());
            assertThat(row.reason()).contains("ReentrantLock");
            assertThat(row.count()).as("of the latest save").isEqualTo(2);
        });
        f.cache.clear();
        f.save();
        assertThat(f.notShared.rows("users")).isEmpty();
    }
}
