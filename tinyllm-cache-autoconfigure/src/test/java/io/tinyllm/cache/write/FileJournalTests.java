package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.disk.owned.SafeName;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A journal on a disk that is well. */
@Timeout(60)
class FileJournalTests {

    @TempDir
    Path parent;

    private final ManualTicker ticker = new ManualTicker();
    private final FaultyDisk disk = new FaultyDisk();
    private final List<Journal> opened = new ArrayList<>();

    private FileJournal open() {
        return open(Fsync.NEVER);
    }

    private FileJournal open(Fsync fsync) {
        FileJournal journal = Journals.open(parent, disk, fsync, ticker, 1 << 20);
        opened.add(journal);
        return journal;
    }

    @AfterEach
    void close() {
        opened.forEach(Journal::close);
    }

    private static Operation append(Journal journal, Object key, Object value) throws IOException {
        return Journals.append(journal, key, value);
    }

    @Test
    void keepsTheLastOperationOfEachKey() throws IOException {
        Journal journal = open();
        append(journal, "a", "1");
        append(journal, "b", "1");
        Operation third = append(journal, "a", "2");
        Operation fourth = append(journal, "b", null);
        journal.close();
        Journal next = open();
        assertThat(Journals.contents(next)).isEqualTo(Map.of("a", "2", "b", "deleted"));
        assertThat(next.recovered())
                .extracting(left -> left.operation().sequence())
                .containsExactly(third.sequence(), fourth.sequence());
    }

    @Test
    void forgetsWhatIsReleasedAndWhatItHadReplaced() throws IOException {
        Journal journal = open();
        append(journal, "a", "1");
        Operation second = append(journal, "a", "2");
        append(journal, "b", "1");
        assertThat(journal.release(List.of(second))).isTrue();
        journal.close();
        assertThat(Journals.contents(open())).isEqualTo(Map.of("b", "1"));
    }

    @Test
    void anAcknowledgedOperationSurvivesWithoutAClose() throws IOException {
        append(open(), "a", "1");
        Path copy = parent.resolve("copy");
        Files.createDirectories(copy.resolve(Journals.CACHE));
        Path segment = Journals.segment(parent);
        Files.copy(segment, copy.resolve(Journals.CACHE).resolve(segment.getFileName()));
        Journal next = Journals.open(copy, Disk.local(), Fsync.NEVER, ticker, 1 << 20);
        opened.add(next);
        assertThat(Journals.contents(next)).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void anEndThatIsJustBeingRecordedIsNotTakenForOneThatCannotBe() throws Exception {
        Journal journal = open();
        for (int round = 0; round < 2_000; round++) {
            Operation operation = append(journal, "a", "1");
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<Boolean> released = CompletableFuture.supplyAsync(() -> {
                begun.countDown();
                return journal.release(List.of(operation));
            });
            begun.await();
            while (!released.isDone()) {
                assertThat(journal.canEnd("a")).isTrue();
            }
            assertThat(released.join()).isTrue();
        }
    }

    @Test
    void sequencesGoOnAfterARestart() throws IOException {
        Journal journal = open();
        Operation before = append(journal, "a", "1");
        journal.close();
        assertThat(append(open(), "a", "2").sequence()).isGreaterThan(before.sequence());
    }

    @Test
    void remembersDeadLettersThroughRestarts() throws IOException {
        Journal journal = open();
        DeadLetter letter = new DeadLetter("a", "java.lang.String", 5, "refused it", DeadLetter.REFUSED);
        journal.giveUp(append(journal, "a", "1"), letter);
        for (int restart = 0; restart < 3; restart++) {
            journal.close();
            journal = open();
            assertThat(journal.recovered())
                    .extracting(Journal.Recovered::givenUp)
                    .containsExactly(new JournalRecord.GivenUp(5, "refused it", DeadLetter.REFUSED));
        }
        journal.release(List.of(journal.recovered().get(0).operation()));
        journal.close();
        assertThat(open().recovered()).isEmpty();
    }

    @Test
    void aValueThatCannotBeReadStaysUntilItIsReplaced() throws IOException {
        Journal journal = open();
        append(journal, "a", "undecodable");
        append(journal, "b", "undecodable");
        journal.close();
        Journal second = open();
        assertThat(Journals.contents(second)).isEqualTo(Map.of("a", "?", "b", "?"));
        assertThat(second.recovered().get(0).operation().type()).isEqualTo("text");
        second.release(List.of(append(second, "a", "2")));
        second.close();
        assertThat(Journals.contents(open())).isEqualTo(Map.of("b", "?"));
    }

    @Test
    void aKeyThatCannotBeReadIsADeadLetterUntilItCanBeOrIsReplaced() throws IOException {
        StringCodec codec = new StringCodec();
        Journal journal = open();
        append(journal, "undecodable", "1");
        append(journal, "a", "1");
        journal.close();
        FileJournal next = Journals.open(parent, disk, Fsync.NEVER, ticker, 1 << 20, codec);
        opened.add(next);
        assertThat(Journals.contents(next)).isEqualTo(Map.of("a", "1"));
        assertThat(next.unreadable()).singleElement().satisfies(letter -> {
            assertThat(letter.reason()).isEqualTo(DeadLetter.KEY_UNREADABLE);
            assertThat(letter.type()).isEqualTo("text");
            assertThat(letter.key().toString()).doesNotContain("undecodable");
        });
        assertThat(next.retryUnreadable()).isEmpty();
        assertThat(next.unreadable()).hasSize(1);
        codec.keysAreWell = true;
        assertThat(next.retryUnreadable())
                .extracting(left -> left.operation().load())
                .containsExactly("1");
        assertThat(next.unreadable()).isEmpty();
        next.close();

        Journal third = open();
        assertThat(third.unreadable()).hasSize(1);
        append(third, "undecodable", "2");
        assertThat(third.unreadable()).isEmpty();
    }

    @Test
    void theDirectoryStaysSmallWhileOperationsComeAndGo() throws IOException {
        Journal journal = open();
        Operation stays = append(journal, "stays", "x");
        journal.giveUp(stays, new DeadLetter("stays", "", 5, "refused", DeadLetter.REFUSED));
        String value = "v".repeat(10_000);
        long longest = 0;
        for (int i = 0; i < 2_000; i++) {
            journal.release(List.of(append(journal, "k" + i, value)));
            longest = Math.max(longest, Journals.bytes(parent));
        }
        assertThat(longest).isLessThan((2L << 20) + Reserve.SIZE);
        journal.close();
        Journal next = open();
        assertThat(Journals.contents(next)).isEqualTo(Map.of("stays", "x"));
        assertThat(next.recovered().get(0).givenUp())
                .isEqualTo(new JournalRecord.GivenUp(5, "refused", DeadLetter.REFUSED));
        assertThat(Journals.bytes(parent)).isLessThan(1L << 20);
        next.release(List.of(next.recovered().get(0).operation()));
        next.close();
        assertThat(open().recovered()).isEmpty();
    }

    @Test
    void segmentsInWhichNothingIsAliveAreDroppedWhole() throws IOException {
        Journal journal = open(Fsync.INTERVAL);
        String value = "v".repeat(100_000);
        List<Operation> operations = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            operations.add(append(journal, "k" + i, value));
        }
        List<Path> before = Journals.files(parent, ".log");
        assertThat(before).hasSizeGreaterThan(2);
        journal.release(operations.subList(0, 8));
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(Journals.files(parent, ".log"))
                .isNotEmpty()
                .isSubsetOf(before)
                .hasSizeLessThan(before.size());
        journal.close();
        assertThat(Journals.contents(open())).containsOnlyKeys("k8", "k9");
    }

    @Test
    void aReplayHoldsNoValues() throws IOException {
        Journal journal = open();
        String value = "v".repeat(1 << 20);
        for (int i = 0; i < 64; i++) {
            append(journal, "k" + i, value);
        }
        journal.close();
        FileJournal next = open();
        assertThat(next.recovered())
                .hasSize(64)
                .allSatisfy(left -> assertThat(left.operation().held()).isLessThan(1000));
        assertThat(next.recovered().get(63).operation().load()).isEqualTo(value);
    }

    @Test
    void writersFormGroups() throws Exception {
        Journal journal = open();
        Map<String, String> last = new ConcurrentHashMap<>();
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 8; w++) {
            String key = "k" + w;
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    try {
                        Operation operation = append(journal, key, "v" + i);
                        last.put(key, "v" + i);
                        if (i % 3 == 0) {
                            journal.release(List.of(operation));
                            last.remove(key);
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
            });
            writers.add(writer);
            writer.start();
        }
        for (Thread writer : writers) {
            writer.join();
        }
        journal.close();
        assertThat(Journals.contents(open())).isEqualTo(last);
    }

    @Test
    void anInterruptedCallerDoesNotHurtTheJournal() throws IOException {
        Journal journal = open(Fsync.ALWAYS);
        Thread.currentThread().interrupt();
        append(journal, "a", "1");
        assertThat(Thread.interrupted()).isTrue();
        append(journal, "b", "2");
        assertThat(journal.isHealthy()).isTrue();
        journal.close();
        assertThat(Journals.contents(open())).hasSize(2);
    }

    @Test
    void oneOwnerADirectory() {
        open();
        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("in use")
                .hasMessageContaining("tinyllm.cache.journal.directory");
    }

    @Test
    void aFileInPlaceOfTheDirectoryIsNamed() throws IOException {
        Path file = Files.writeString(parent.resolve(Journals.CACHE), "");
        assertThatThrownBy(this::open)
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("tinyllm.cache.journal.directory");
    }

    @Test
    void forcesTheDiskAsTold() throws IOException {
        FileJournal journal = open(Fsync.ALWAYS);
        long forced = disk.count("sync");
        append(journal, "a", "1");
        assertThat(disk.count("sync")).isEqualTo(forced + 1);
        journal.close();

        journal = open(Fsync.INTERVAL);
        forced = disk.count("sync");
        append(journal, "b", "1");
        journal.maintain();
        assertThat(disk.count("sync")).isEqualTo(forced);
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(disk.count("sync")).isEqualTo(forced + 1);
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(disk.count("sync")).isEqualTo(forced + 1);
        journal.close();

        forced = disk.count("sync");
        journal = open(Fsync.NEVER);
        append(journal, "c", "1");
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        journal.close();
        assertThat(disk.count("sync")).isEqualTo(forced);
    }

    @Test
    void isReadableByItsOwnerOnlyFromTheFirstMoment() throws IOException {
        append(open(), "a", "1");
        for (Path file : Journals.files(parent, "")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(Journals.directory(parent))))
                .isEqualTo("rwx------");
    }

    @Test
    void theJournalsOfAllCachesAreFoundByTheirNames() throws IOException {
        List<String> names = List.of("users", "../x", "x".repeat(300), "\u4e2d".repeat(30), "", "a/b", "Users");
        for (String name : names) {
            Journal journal = JournalOpening.open(
                    JournalFiles.open(disk, parent, name, Fsync.NEVER),
                    new StringCodec(),
                    Fsync.NEVER,
                    ticker,
                    1 << 20);
            append(journal, "k", name);
            journal.close();
        }
        Files.createDirectory(parent.resolve("somebody-elses"));
        Files.writeString(parent.resolve("notes"), "");
        assertThat(WritePolicies.journaledCaches(parent)).containsExactlyInAnyOrderElementsOf(names);
        assertThat(WritePolicies.journaledCaches(parent.resolve("nowhere"))).isEmpty();
        for (String name : names) {
            Journal journal = JournalOpening.open(
                    JournalFiles.open(disk, parent, name, Fsync.NEVER),
                    new StringCodec(),
                    Fsync.NEVER,
                    ticker,
                    1 << 20);
            assertThat(Journals.contents(journal)).as(name).isEqualTo(Map.of("k", name));
            journal.close();
            assertThat(parent.resolve(SafeName.of(name))).isDirectory();
        }
    }

    @Test
    void agreesWithAModelOverRandomOperationsAndRestarts() throws IOException {
        Random random = new Random(42);
        Map<Object, Object> model = new HashMap<>();
        Map<Object, Operation> operations = new HashMap<>();
        FileJournal journal = open();
        for (int step = 0; step < 6_000; step++) {
            String key = "k" + random.nextInt(20);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    String value = random.nextInt(4) == 0 ? null : "v".repeat(random.nextInt(200));
                    operations.put(key, append(journal, key, value));
                    model.put(key, value == null ? "deleted" : value);
                }
                case 2, 3 -> {
                    Operation done = operations.remove(key);
                    model.remove(key);
                    if (done != null) {
                        assertThat(journal.release(List.of(done))).isTrue();
                    }
                }
                default -> {
                    if (random.nextInt(100) == 0) {
                        if (random.nextBoolean()) {
                            disk.space = random.nextInt(20);
                            Journal full = journal;
                            assertThatThrownBy(() -> append(full, "x".repeat(30), ""))
                                    .isInstanceOf(IOException.class);
                            disk.space = Long.MAX_VALUE;
                            ticker.advance(Duration.ofSeconds(1));
                            journal.maintain();
                        }
                        journal.close();
                        journal = open();
                        assertThat(Journals.contents(journal)).isEqualTo(model);
                        operations.clear();
                        journal.recovered()
                                .forEach(left -> operations.put(left.operation().key(), left.operation()));
                    }
                }
            }
        }
    }
}
