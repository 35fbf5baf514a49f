package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A journal on disks that refuse, fill up, and lose directories; whatever it has acknowledged, a replay of the disk
 * finds.
 */
@Timeout(300)
class FailingDiskTests {

    /** {@code -Dtinyllm.test.steps=100000} looks longer. */
    private static final int STEPS = Integer.getInteger("tinyllm.test.steps", 1_500);

    @TempDir
    Path temp;

    private final ManualTicker ticker = new ManualTicker();
    private final FaultyDisk disk = new FaultyDisk();
    private final List<Journal> opened = new ArrayList<>();
    private Path parent;
    private int copies;

    private FileJournal open(Fsync fsync) {
        parent = temp.resolve("journals");
        FileJournal journal = Journals.open(parent, disk, fsync, ticker, 1 << 20);
        opened.add(journal);
        return journal;
    }

    @AfterEach
    void close() {
        disk.failing = "nothing";
        disk.fault = (call, path) -> {};
        opened.forEach(Journal::close);
    }

    /** What a replay finds of what is on the disk now, as after the end of the process. */
    private Map<Object, Object> replayed() throws IOException {
        Path copy = temp.resolve("copy" + copies++);
        Files.createDirectories(Journals.directory(copy));
        if (Files.isDirectory(Journals.directory(parent))) {
            for (Path file : Journals.files(parent, "")) {
                Files.copy(file, Journals.directory(copy).resolve(file.getFileName()));
            }
        }
        FileJournal journal = Journals.open(copy, Disk.local(), Fsync.NEVER, ticker, 1 << 20);
        Map<Object, Object> contents = Journals.contents(journal);
        journal.close();
        try (Stream<Path> files = Files.walk(copy)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
        return contents;
    }

    private void tick(Journal journal) {
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
    }

    @Test
    void aFullDiskMakesItUnhealthyUntilThereIsRoomAgain() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Journals.append(journal, "a", "1");
        disk.space = 10;
        assertThatThrownBy(() -> Journals.append(journal, "b", "a value longer than the disk is"))
                .isInstanceOf(IOException.class);
        assertThat(journal.isHealthy()).isFalse();
        assertThatThrownBy(() -> Journals.append(journal, "b", "2")).isInstanceOf(IOException.class);
        tick(journal);
        assertThat(journal.isHealthy()).isFalse();
        disk.space = 1 << 20;
        tick(journal);
        assertThat(journal.isHealthy()).isTrue();
        Journals.append(journal, "c", "3");
        assertThat(replayed()).isEqualTo(Map.of("a", "1", "c", "3"));
    }

    @Test
    void oneFailedWriteOrForceCostsNothing() throws IOException {
        for (String call : List.of("write", "sync")) {
            FileJournal journal = open(Fsync.ALWAYS);
            Journals.append(journal, "a", "1");
            boolean[] once = {true};
            disk.fault = (each, path) -> {
                if (each.equals(call) && once[0]) {
                    once[0] = false;
                    throw new IOException("Input/output error");
                }
            };
            Journals.append(journal, "b", "2");
            assertThat(once[0]).isFalse();
            assertThat(journal.isHealthy()).isTrue();
            assertThat(replayed()).isEqualTo(Map.of("a", "1", "b", "2"));
            journal.close();
            Files.walk(parent)
                    .filter(Files::isRegularFile)
                    .forEach(path -> path.toFile().delete());
        }
    }

    @Test
    void aSegmentThatHasFailedIsNeverWrittenAgain() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Journals.append(journal, "a", "1");
        Path failed = Journals.segment(parent);
        List<String> touched = new ArrayList<>();
        boolean[] refused = {false};
        disk.fault = (call, path) -> {
            if (call.equals("write") && path.getFileName().equals(failed.getFileName())) {
                touched.add(call);
                refused[0] = true;
                throw new IOException("Input/output error");
            }
        };
        for (int i = 0; i < 20; i++) {
            Journals.append(journal, "k" + i, "v");
        }
        assertThat(touched).hasSize(1);
        assertThat(failed).doesNotExist();
        assertThat(replayed()).hasSize(21);
    }

    /** The disk refuses to be forced while a group has been written and not yet been counted. */
    @Test
    void aForceThatFailsUnderAGroupOnItsWayCostsNoAcknowledgedWrite() throws Exception {
        FileJournal journal = open(Fsync.INTERVAL);
        List<Operation> early = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            early.add(Journals.append(journal, "early" + i, "v"));
        }
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread writer = new Thread(() -> {
            try {
                Journals.append(journal, "during", "acknowledged");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        disk.fault = (call, path) -> {
            if (call.equals("written") && Thread.currentThread() == writer && written.getCount() > 0) {
                written.countDown();
                WriteBackPolicyTests.await(goOn);
            }
            if (call.equals("sync") && Thread.currentThread() != writer && goOn.getCount() > 0) {
                goOn.countDown();
                throw new IOException("sync failed");
            }
        };
        writer.start();
        WriteBackPolicyTests.await(written);
        tick(journal);
        writer.join();
        disk.fault = (call, path) -> {};
        early.forEach(operation -> journal.release(List.of(operation)));
        tick(journal);
        assertThat(journal.isHealthy()).isTrue();
        for (int i = 0; i < 100; i++) {
            Journals.append(journal, "late" + i, "v");
        }
        assertThat(replayed())
                .hasSize(101)
                .containsEntry("during", "acknowledged")
                .containsKey("late99");
    }

    @Test
    void aFullDiskStillRecordsWhatEndsThoughNothingIsFreed() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            operations.add(Journals.append(journal, "k" + i, "v"));
        }
        disk.space = 0;
        assertThatThrownBy(() -> Journals.append(journal, "c", "3")).isInstanceOf(IOException.class);
        for (int i = 0; i < 2_000; i++) {
            assertThat(journal.canEnd("k" + i)).isTrue();
            assertThat(journal.release(List.of(operations.get(i)))).isTrue();
        }
        assertThat(replayed()).hasSize(1_000).doesNotContainKeys("k0", "k1999");
        assertThat(journal.release(operations.subList(2_000, 3_000))).isTrue();
        assertThat(replayed()).isEmpty();
        // the garbage is what fills the disk: its room comes back although nothing can be written first
        tick(journal);
        assertThat(Journals.files(parent, ".log")).isEmpty();
        disk.space = 1 << 20;
        tick(journal);
        assertThat(journal.isHealthy()).isTrue();
        Journals.append(journal, "k7", "later");
        assertThat(replayed()).isEqualTo(Map.of("k7", "later"));
    }

    @Test
    void nothingOfAKeyIsAcknowledgedWhereTheEndOfAnOlderOperationCannotBeRecorded() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Operation old = Journals.append(journal, "k", "old");
        disk.failing = "everything";
        assertThat(journal.release(List.of(old))).isFalse();
        assertThat(journal.canEnd("k")).isFalse();
        assertThat(journal.canEnd("another")).isTrue();
        disk.failing = "nothing";
        tick(journal);
        assertThat(journal.canEnd("k")).isTrue();
        assertThat(replayed()).isEmpty();
    }

    @Test
    void aRefusedWriteThatIsOnTheDiskNeverthelessIsNoWrite() throws IOException {
        FileJournal journal = open(Fsync.ALWAYS);
        disk.fault = (call, path) -> {
            if (call.equals("written") && path.toString().endsWith(".log")) {
                throw new IOException("Input/output error");
            }
        };
        assertThatThrownBy(() -> Journals.append(journal, "k", "refused")).isInstanceOf(IOException.class);
        assertThat(journal.canEnd("k")).isTrue();
        assertThat(replayed()).doesNotContainKey("k");
    }

    @Test
    void aDiskThatLiesIsFoundOutBeforeTheOriginalsGo() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Journals.append(journal, "a", "1");
        Path first = Journals.segment(parent);
        Path[] copy = {null};
        disk.fault = (call, path) -> {
            if (call.equals("write") && path.equals(first)) {
                throw new IOException("Input/output error");
            }
            if (call.equals("read") && path.toString().endsWith(".log") && !path.equals(first)) {
                copy[0] = path;
                byte[] bytes = Files.readAllBytes(path);
                bytes[bytes.length - 10] ^= 1;
                Files.write(path, bytes);
            }
        };
        assertThatThrownBy(() -> Journals.append(journal, "b", "2")).isInstanceOf(IOException.class);
        assertThat(copy[0]).isNotNull();
        assertThat(journal.isHealthy()).isFalse();
        disk.fault = (call, path) -> {};
        assertThat(replayed()).containsEntry("a", "1");
        tick(journal);
        assertThat(journal.isHealthy()).isTrue();
        assertThat(replayed()).isEqualTo(Map.of("a", "1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"directory removed", "directory renamed", "segment removed", "reserve removed", "lock removed"})
    void whatIsRemovedOrRenamedIsNoticedWithinASecondAndMadeAnew(String what) throws IOException {
        FileJournal journal = open(Fsync.INTERVAL);
        Journals.append(journal, "before", "1");
        Path directory = Journals.directory(parent);
        switch (what) {
            case "directory removed" -> {
                for (Path file : Journals.files(parent, "")) {
                    Files.delete(file);
                }
                Files.delete(directory);
            }
            case "directory renamed" -> Files.move(directory, temp.resolve("elsewhere"));
            case "segment removed" -> Files.delete(Journals.segment(parent));
            case "reserve removed" ->
                Files.delete(Journals.files(parent, ".ends").get(0));
            default -> Files.delete(directory.resolve("lock"));
        }
        tick(journal);
        assertThat(journal.isHealthy()).isTrue();
        Journals.append(journal, "after", "2");
        assertThat(replayed()).isEqualTo(Map.of("before", "1", "after", "2"));
        assertThatThrownBy(() -> Journals.open(parent, disk, Fsync.NEVER, ticker, 1 << 20))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("in use");
    }

    @Test
    void aDirectoryThatAnotherHasTakenInTheMeantimeIsNotWrittenTo() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Journals.append(journal, "before", "1");
        Files.move(Journals.directory(parent), temp.resolve("elsewhere"));
        FileJournal other = Journals.open(parent, disk, Fsync.NEVER, ticker, 1 << 20);
        opened.add(other);
        Journals.append(other, "its own", "2");
        tick(journal);
        assertThat(journal.isHealthy()).isFalse();
        assertThatThrownBy(() -> Journals.append(journal, "after", "1")).isInstanceOf(IOException.class);
        assertThat(replayed()).isEqualTo(Map.of("its own", "2"));
        other.close();
        tick(journal);
        assertThat(journal.isHealthy()).as("over what another has left").isFalse();
        assertThat(replayed()).isEqualTo(Map.of("its own", "2"));
    }

    @Test
    void aFullDiskAtTheStartIsSurvived() throws IOException {
        disk.space = 0;
        FileJournal journal = open(Fsync.NEVER);
        assertThat(journal.isHealthy()).isFalse();
        disk.space = 1 << 20;
        tick(journal);
        Journals.append(journal, "a", "1");
        assertThat(replayed()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void aSegmentBegunInVainBringsNothingBackEvenWhereItCannotBeDeleted() throws IOException {
        FileJournal journal = open(Fsync.NEVER);
        Operation only = Journals.append(journal, "k", "v");
        AtomicInteger writes = new AtomicInteger();
        disk.fault = (call, path) -> {
            boolean segment = path.toString().endsWith(".log");
            // the first write is to the segment that there is, the others are header, name and copies of the next
            boolean refused = segment && call.equals("write") && writes.incrementAndGet() == 1;
            boolean refusedTooLate = segment && call.equals("written") && writes.get() == 4;
            if (refused || refusedTooLate || call.equals("delete")) {
                throw new IOException("Input/output error");
            }
        };
        assertThatIOException().isThrownBy(() -> Journals.append(journal, "other", "w"));
        disk.fault = (call, path) -> {
            if (call.equals("write")) {
                throw new IOException("Input/output error");
            }
        };
        assertThat(journal.release(List.of(only))).isFalse();
        assertThat(replayed()).containsOnlyKeys("k");

        disk.fault = (call, path) -> {
            if (call.equals("create") || call.equals("delete")) {
                throw new IOException("Input/output error");
            }
        };
        tick(journal);
        assertThat(journal.isHealthy()).isFalse();
        assertThat(journal.canEnd("k")).isTrue();
        assertThat(replayed()).isEmpty();
    }

    /** The keys' values that a replay may find: the last acknowledged one, and those that were refused after it. */
    @ParameterizedTest
    @EnumSource(Fsync.class)
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void noAcknowledgedOperationIsLostOrComesBackWhateverCallsFail(Fsync fsync) throws IOException {
        long seed = Long.getLong("tinyllm.test.seed", System.nanoTime());
        System.out.println("Seed of the failing disk: " + seed);
        Random random = new Random(seed);
        Map<String, Set<String>> allowed = new HashMap<>();
        Map<String, Operation> live = new HashMap<>();
        FileJournal journal = open(fsync);
        int acknowledged = 0;
        int refused = 0;
        for (int step = 0; step < STEPS; step++) {
            if (step % 40 == 0) {
                int odds = random.nextInt(4) == 0 ? 2 + random.nextInt(30) : Integer.MAX_VALUE;
                disk.fault = (call, path) -> {
                    if (!call.equals("read") && !call.equals("directory") && random.nextInt(odds) == 0) {
                        throw new IOException("Input/output error");
                    }
                };
                disk.space = random.nextInt(6) == 0 ? random.nextInt(3_000) : Long.MAX_VALUE;
            }
            String key = "k" + random.nextInt(15);
            Set<String> before = allowed.getOrDefault(key, Set.of("-"));
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> {
                    String value = "v" + step + "x".repeat(random.nextInt(3_000));
                    try {
                        live.put(key, Journals.append(journal, key, value));
                        allowed.put(key, Set.of(value));
                        acknowledged++;
                    } catch (IOException e) {
                        refused++;
                        // the write goes to the store at once, and is acknowledged where the journal allows it
                        Operation former = live.get(key);
                        if (journal.canEnd(key)) {
                            boolean recorded = former == null || journal.release(List.of(former));
                            live.remove(key);
                            allowed.put(key, recorded ? Set.of("-") : plus(before, value, "-"));
                        } else {
                            allowed.put(key, plus(before, value, "-"));
                        }
                    }
                }
                case 3, 4 -> {
                    Operation done = live.remove(key);
                    if (done != null) {
                        boolean recorded = journal.release(List.of(done));
                        allowed.put(key, recorded ? Set.of("-") : plus(before, "-"));
                    }
                }
                default -> tick(journal);
            }
            if (step % 25 == 0) {
                Map<Object, Object> found = replayed();
                for (Map.Entry<String, Set<String>> each : allowed.entrySet()) {
                    assertThat(each.getValue())
                            .as("seed %s, step %s, key %s", seed, step, each.getKey())
                            .contains(String.valueOf(found.getOrDefault(each.getKey(), "-")));
                }
            }
        }
        assertThat(acknowledged).isGreaterThan(STEPS / 10);
        assertThat(refused).isGreaterThan(STEPS / 200);
    }

    private static Set<String> plus(Set<String> some, String... more) {
        Set<String> all = new HashSet<>(some);
        all.addAll(List.of(more));
        return all;
    }
}
