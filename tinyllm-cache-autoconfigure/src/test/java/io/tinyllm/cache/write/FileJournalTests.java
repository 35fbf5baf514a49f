package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FileJournalTests {

    @TempDir
    Path directory;

    private final ManualTicker ticker = new ManualTicker();
    private final LimitedDisk disk = new LimitedDisk();
    private final List<Journal> opened = new ArrayList<>();

    private FileJournal open() {
        return open(Fsync.NEVER);
    }

    private FileJournal open(Fsync fsync) {
        FileJournal journal = FileJournal.open(directory, new StringCodec(), fsync, ticker, disk, 1 << 20);
        opened.add(journal);
        return journal;
    }

    @AfterEach
    void close() {
        opened.forEach(Journal::close);
    }

    private static Map<Object, Object> contents(Journal journal) {
        Map<Object, Object> contents = new HashMap<>();
        journal.recovered()
                .forEach(left ->
                        contents.put(left.operation().key(), left.operation().value()));
        return contents;
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(path -> path.toString().endsWith(".log"))
                    .findAny()
                    .orElseThrow();
        }
    }

    @Test
    void keepsTheLastOperationOfEachKey() throws IOException {
        Journal journal = open();
        journal.append("a", "1");
        journal.append("b", "1");
        journal.append("a", "2");
        journal.append("b", null);
        journal.close();
        Journal next = open();
        assertThat(next.recovered())
                .extracting(Journal.Recovered::operation)
                .containsExactly(new Operation("a", "2", 3), new Operation("b", null, 4));
    }

    @Test
    void forgetsWhatIsReleasedAndWhatItHadReplaced() throws IOException {
        Journal journal = open();
        Operation first = journal.append("a", "1");
        Operation second = journal.append("a", "2");
        journal.append("b", "1");
        journal.supersede(first);
        journal.release(List.of(second));
        journal.close();
        assertThat(contents(open())).isEqualTo(Map.of("b", "1"));
    }

    @Test
    void anAcknowledgedOperationIsInTheFileAtOnce() throws IOException {
        open().append("a", "1");
        assertThat(JournalReplay.of(file()).live()).hasSize(1);
    }

    @Test
    void sequencesGoOnAfterARestart() throws IOException {
        Journal journal = open();
        Operation before = journal.append("a", "1");
        journal.close();
        assertThat(open().append("a", "2").sequence()).isGreaterThan(before.sequence());
    }

    @Test
    void remembersDeadLetters() throws IOException {
        Journal journal = open();
        journal.giveUp(journal.append("a", "1"), 5, "refused");
        journal.close();
        Journal next = open();
        assertThat(next.recovered()).containsExactly(new Journal.Recovered(new Operation("a", "1", 1), 5, "refused"));
        next.release(List.of(next.recovered().get(0).operation()));
        next.close();
        assertThat(open().recovered()).isEmpty();
    }

    @Test
    void aTornTailCostsOnlyTheUnfinishedRecord() throws IOException {
        Journal journal = open();
        journal.append("a", "1");
        long whole = Files.size(file());
        journal.append("b", "a longer value");
        journal.close();
        byte[] bytes = Files.readAllBytes(file());
        for (int length = (int) whole; length < bytes.length; length++) {
            byte[] torn = new byte[length];
            System.arraycopy(bytes, 0, torn, 0, length);
            Files.write(file(), torn);
            Journal next = open();
            assertThat(contents(next)).isEqualTo(Map.of("a", "1"));
            next.append("c", "3");
            next.close();
            Journal third = open();
            assertThat(contents(third)).isEqualTo(Map.of("a", "1", "c", "3"));
            third.close();
        }
    }

    @Test
    void noChangedByteIsTakenForAWrite() throws IOException {
        Journal journal = open();
        journal.append("aaaa", "1111");
        journal.append("bbbb", "2222");
        journal.close();
        byte[] bytes = Files.readAllBytes(file());
        for (int at = JournalReplay.MAGIC.length; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) 0x40;
            Files.write(file(), damaged);
            JournalReplay replay = JournalReplay.of(file());
            assertThat(replay.live())
                    .hasSizeLessThan(2)
                    .allSatisfy(live -> assertThat(
                                    new StringCodec().decodeKey(live.key().array()))
                            .isIn("aaaa", "bbbb"));
        }
    }

    @Test
    void aDamagedRecordDoesNotCostThoseBehindIt() throws IOException {
        Journal journal = open();
        journal.append("a", "1");
        long second = Files.size(file());
        journal.append("b", "2");
        journal.append("c", "3");
        journal.close();
        byte[] bytes = Files.readAllBytes(file());
        bytes[(int) second + JournalRecords.HEADER + 1] ^= 1;
        Files.write(file(), bytes);
        assertThat(contents(open())).isEqualTo(Map.of("a", "1", "c", "3"));
    }

    @Test
    void whatCannotBeDecodedStaysUntilItIsReplaced() throws IOException {
        Journal journal = open();
        journal.append("a", "undecodable");
        journal.append("b", "undecodable");
        journal.close();
        Journal second = open();
        assertThat(second.recovered()).isEmpty();
        second.release(List.of(second.append("a", "2")));
        second.close();
        assertThat(JournalReplay.of(file()).live())
                .extracting(live -> new StringCodec().decodeKey(live.key().array()))
                .containsExactly("b");
    }

    @Test
    void theFileStaysSmallWhileOperationsComeAndGo() throws IOException {
        Journal journal = open();
        Operation stays = journal.append("stays", "x");
        journal.giveUp(stays, 5, "refused");
        String value = "v".repeat(10_000);
        long longest = 0;
        for (int i = 0; i < 2_000; i++) {
            journal.release(List.of(journal.append("k" + i, value)));
            longest = Math.max(longest, Files.size(file()));
        }
        assertThat(longest).isLessThan(2L << 20);
        journal.close();
        Journal next = open();
        assertThat(next.recovered()).containsExactly(new Journal.Recovered(stays, 5, "refused"));
        next.release(List.of(stays));
        assertThat(Files.size(file())).isLessThan(1L << 20);
        next.close();
        assertThat(open().recovered()).isEmpty();
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
                        Operation operation = journal.append(key, "v" + i);
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
        // the operation before a released one was not superseded: it is live again
        assertThat(contents(open())).containsAllEntriesOf(last).hasSize(8);
    }

    @Test
    void anInterruptedCallerDoesNotHurtTheJournal() throws IOException {
        Journal journal = open();
        Thread.currentThread().interrupt();
        journal.append("a", "1");
        assertThat(Thread.interrupted()).isTrue();
        journal.append("b", "2");
        journal.close();
        assertThat(contents(open())).hasSize(2);
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
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> FileJournal.open(file, new StringCodec(), Fsync.NEVER, ticker, disk, 1 << 20))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("tinyllm.cache.journal.directory");
    }

    @Test
    void aFullDiskMakesItUnhealthyUntilThereIsRoomAgain() throws IOException {
        FileJournal journal = open();
        Operation before = journal.append("a", "1");
        disk.room = 10;
        assertThatThrownBy(() -> journal.append("b", "a value longer than the disk is"))
                .isInstanceOf(IOException.class);
        assertThat(journal.isHealthy()).isFalse();
        assertThatThrownBy(() -> journal.append("b", "2")).isInstanceOf(IOException.class);
        disk.room = 1 << 20;
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(journal.isHealthy()).isTrue();
        Operation after = journal.append("c", "3");
        journal.close();
        assertThat(open().recovered()).extracting(Journal.Recovered::operation).containsExactly(before, after);
    }

    @Test
    void aFullDiskStillRecordsWhatEnds() throws IOException {
        FileJournal journal = open();
        Operation before = journal.append("a", "1");
        journal.append("b", "2");
        disk.room = 0;
        assertThatThrownBy(() -> journal.append("c", "3")).isInstanceOf(IOException.class);
        disk.room = 1 << 16;
        journal.release(List.of(before));
        assertThat(JournalReplay.of(file()).live()).hasSize(1);
    }

    @Test
    void aDiskThatFailsAltogetherIsSurvived() throws IOException {
        FileJournal journal = open();
        Operation before = journal.append("a", "1");
        disk.broken = true;
        assertThatThrownBy(() -> journal.append("b", "2")).isInstanceOf(IOException.class);
        journal.release(List.of(before));
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(journal.isHealthy()).isFalse();
        disk.broken = false;
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(journal.isHealthy()).isTrue();
        journal.append("c", "3");
        journal.close();
        assertThat(contents(open())).isEqualTo(Map.of("c", "3"));
    }

    @Test
    void aFullDiskAtTheStartIsSurvived() throws IOException {
        disk.room = 0;
        FileJournal journal = open();
        assertThat(journal.isHealthy()).isFalse();
        disk.room = 1 << 20;
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        journal.append("a", "1");
        journal.close();
        assertThat(contents(open())).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void forcesTheDiskAsTold() throws IOException {
        FileJournal journal = open(Fsync.ALWAYS);
        int forced = disk.forced;
        journal.append("a", "1");
        assertThat(disk.forced).isEqualTo(forced + 1);
        journal.close();

        journal = open(Fsync.INTERVAL);
        forced = disk.forced;
        journal.append("b", "1");
        journal.maintain();
        assertThat(disk.forced).isEqualTo(forced);
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(disk.forced).isEqualTo(forced + 1);
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        assertThat(disk.forced).isEqualTo(forced + 1);
        journal.close();

        forced = disk.forced;
        journal = open(Fsync.NEVER);
        journal.append("c", "1");
        ticker.advance(Duration.ofSeconds(1));
        journal.maintain();
        journal.close();
        assertThat(disk.forced).isEqualTo(forced);
    }

    @Test
    void isReadableByItsOwnerOnly() throws IOException {
        open().append("a", "1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void cacheNamesBecomeFileNamesThatStayInTheDirectory() {
        for (String name : List.of("..", "a/b", "C:x", "A", "ü", "", "a.b")) {
            Path path = JournalDirectory.of(directory, name);
            assertThat(path.normalize().getParent()).isEqualTo(directory);
            assertThat(path.getFileName().toString()).matches("[a-z0-9_%-]+");
        }
        assertThat(JournalDirectory.of(directory, "a-b_1").getFileName()).hasToString("a-b_1");
    }

    @Test
    void agreesWithAModelOverRandomOperationsAndRestarts() throws IOException {
        Random random = new Random(42);
        Map<Object, Operation> model = new HashMap<>();
        FileJournal journal = open();
        for (int step = 0; step < 6_000; step++) {
            String key = "k" + random.nextInt(20);
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    Operation former = model.get(key);
                    model.put(
                            key, journal.append(key, random.nextInt(4) == 0 ? null : "v".repeat(random.nextInt(200))));
                    if (former != null) {
                        journal.supersede(former);
                    }
                }
                case 2, 3 -> {
                    Operation done = model.remove(key);
                    if (done != null) {
                        journal.release(List.of(done));
                    }
                }
                default -> {
                    if (random.nextInt(100) == 0) {
                        if (random.nextBoolean()) {
                            disk.room = random.nextInt(20);
                            assertThatThrownBy(
                                            () -> opened.get(opened.size() - 1).append("x".repeat(30), ""))
                                    .isInstanceOf(IOException.class);
                            disk.room = Long.MAX_VALUE;
                            ticker.advance(Duration.ofSeconds(1));
                            journal.maintain();
                        }
                        journal.close();
                        journal = open();
                        Map<Object, Operation> found = new HashMap<>();
                        journal.recovered()
                                .forEach(left -> found.put(left.operation().key(), left.operation()));
                        assertThat(found).isEqualTo(model);
                    }
                }
            }
        }
    }
}
