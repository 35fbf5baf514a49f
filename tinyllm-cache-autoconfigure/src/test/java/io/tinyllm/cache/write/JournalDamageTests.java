package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes of a journal that are not what was written: damage costs what is damaged, and the rest is kept. */
@Timeout(120)
class JournalDamageTests {

    private static final int RECORDS = 12;

    @TempDir
    Path parent;

    private final ManualTicker ticker = new ManualTicker();
    private final List<Journal> opened = new ArrayList<>();
    private final Map<Object, Object> written = new LinkedHashMap<>();
    private final List<Integer> places = new ArrayList<>();
    private Path segment;
    private byte[] bytes;

    private FileJournal open() {
        FileJournal journal = Journals.open(parent, Disk.local(), Fsync.NEVER, ticker, 1 << 20);
        opened.add(journal);
        return journal;
    }

    @AfterEach
    void close() {
        opened.forEach(Journal::close);
    }

    @BeforeEach
    void writeSome() throws IOException {
        Journal journal = open();
        segment = Journals.segment(parent);
        for (int i = 0; i < RECORDS; i++) {
            places.add((int) Files.size(segment));
            Journals.append(journal, "key" + i, "value" + i);
            written.put("key" + i, "value" + i);
        }
        journal.close();
        bytes = Files.readAllBytes(segment);
    }

    /** The damaged places that were told of last. */
    private int damage;

    /** Puts these bytes in place of the journal, and answers what it holds then. */
    private Map<Object, Object> reopened(byte[] instead) throws IOException {
        for (Path path : Journals.files(parent, "")) {
            Files.delete(path);
        }
        Files.write(segment, instead);
        Journal journal = open();
        Map<Object, Object> contents = Journals.contents(journal);
        assertThat(journal.isHealthy()).isTrue();
        damage = journal.damaged();
        Journals.append(journal, "later", "1");
        journal.close();
        Journal next = open();
        Map<Object, Object> again = Journals.contents(next);
        next.close();
        assertThat(again.remove("later")).isEqualTo("1");
        assertThat(again).as("what the next start finds").isEqualTo(contents);
        return contents;
    }

    @Test
    void noChangedByteCostsMoreThanItsRecordOrIsTakenForAWrite() throws IOException {
        for (int at = 0; at < bytes.length; at += 3) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            Map<Object, Object> contents = reopened(damaged);
            assertThat(written).as("byte %s", at).containsAllEntriesOf(contents);
            assertThat(contents).as("byte %s", at).hasSizeGreaterThanOrEqualTo(RECORDS - 1);
        }
    }

    @Test
    void whatIsDamagedIsSetAsideAndNotCut() throws IOException {
        byte[] damaged = bytes.clone();
        damaged[places.get(4) + 9] ^= 0x10;
        reopened(damaged);
        assertThat(damage).isEqualTo(1);
        assertThat(Journals.files(parent, ".damaged"))
                .singleElement()
                .satisfies(aside -> assertThat(aside).hasBinaryContent(damaged));
    }

    @Test
    void theNextGoodRecordIsFoundWhateverLiesBefore() throws IOException {
        int from = places.get(2);
        int to = places.get(5);
        Random random = new Random(5);
        for (byte[] garbage : List.of(
                new byte[to - from], noise(random, to - from), noise(random, 70_000), Arrays.copyOf(bytes, 37))) {
            byte[] damaged = concat(Arrays.copyOf(bytes, from), garbage, Arrays.copyOfRange(bytes, to, bytes.length));
            assertThat(reopened(damaged)).hasSize(RECORDS - 3).doesNotContainKeys("key2", "key3", "key4");
        }
    }

    @Test
    void bothCopiesOfTheHeaderMayBeDamaged() throws IOException {
        byte[] damaged = bytes.clone();
        Arrays.fill(damaged, 0, SegmentHeader.LENGTH, (byte) 7);
        assertThat(reopened(damaged)).isEqualTo(written);
    }

    @Test
    void aTornTailCostsOnlyTheUnfinishedRecordAndIsNoDamage() throws IOException {
        for (int length = places.get(RECORDS - 1); length < bytes.length; length++) {
            Map<Object, Object> contents = reopened(Arrays.copyOf(bytes, length));
            assertThat(contents).hasSize(RECORDS - 1);
            assertThat(damage).isZero();
            assertThat(Journals.files(parent, ".damaged")).isEmpty();
        }
        assertThat(reopened(Arrays.copyOf(bytes, bytes.length + 5_000))).isEqualTo(written);
        assertThat(Journals.files(parent, ".damaged")).isEmpty();
    }

    /** As a disk, or somebody with a hex editor, would have to try hard to write it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "no fields",
                "short digest",
                "field beyond the record",
                "negative field",
                "number of a sequence",
                "no key",
                "odd ends",
                "far base",
                "two gigabytes"
            })
    void aRecordWithARightSealAndNonsenseInItCostsItself(String nonsense) throws IOException {
        byte[] record = nonsense(nonsense);
        long mark = ByteBuffer.wrap(bytes).getLong(8);
        JournalRecord.seal(record, 0, record.length, mark);
        if (nonsense.equals("two gigabytes")) {
            ByteBuffer.wrap(record).putInt(8, Integer.MAX_VALUE);
        }
        int at = places.get(6);
        byte[] changed = concat(Arrays.copyOf(bytes, at), record, Arrays.copyOfRange(bytes, at, bytes.length));
        assertThat(reopened(changed)).isEqualTo(written);
    }

    private static byte[] nonsense(String kind) {
        KeyDigest digest = new KeyDigest(1, 2);
        byte[] key = "evil".getBytes(StandardCharsets.UTF_8);
        byte[] put = JournalRecord.put(digest, key, "text", key);
        JournalRecord.number(put, 4);
        ByteBuffer buffer = ByteBuffer.wrap(put);
        switch (kind) {
            case "no fields" -> {
                byte[] empty = Arrays.copyOf(put, JournalRecord.SMALLEST);
                ByteBuffer.wrap(empty).putInt(8, empty.length);
                return empty;
            }
            case "short digest" -> {
                byte[] shortened = JournalRecord.delete(digest, key);
                ByteBuffer.wrap(shortened).putInt(JournalRecord.FIELDS + 1, 3);
                JournalRecord.number(shortened, 4);
                return shortened;
            }
            case "field beyond the record" -> buffer.putInt(JournalRecord.FIELDS + 1, 1 << 20);
            case "negative field" -> buffer.putInt(JournalRecord.FIELDS + 1, -5);
            case "number of a sequence" -> JournalRecord.number(put, Long.MAX_VALUE);
            case "no key" -> buffer.put(JournalRecord.FIELDS + 26 + 4, (byte) 99);
            case "odd ends" -> {
                byte[] ends = JournalRecord.end(List.of(3L));
                ByteBuffer.wrap(ends).putInt(JournalRecord.FIELDS + 1, 7);
                return ends;
            }
            case "far base" -> {
                return JournalRecord.base(Long.MAX_VALUE);
            }
            default -> {
                return put;
            }
        }
        if (kind.equals("no key")) {
            // the type's field is 4 bytes long: what follows is the tag of the key
            buffer.put(JournalRecord.FIELDS + 21 + 9, (byte) 99);
        }
        return put;
    }

    @Test
    void aJournalOfTheFormatBeforeIsKeptAndNotRead() throws IOException {
        byte[] former = concat("TLCJRNL1".getBytes(StandardCharsets.US_ASCII), new byte[] {0, 0, 0, 9, 1, 2, 3, 4});
        assertThat(reopened(former)).isEmpty();
        assertThat(Journals.files(parent, ".v1"))
                .singleElement()
                .satisfies(aside -> assertThat(aside).hasBinaryContent(former));
    }

    @Test
    void whatIsNoJournalIsSetAside() throws IOException {
        byte[] noise = noise(new Random(1), 10_000);
        assertThat(reopened(noise)).isEmpty();
        assertThat(Journals.files(parent, ".damaged")).hasSize(1);
        assertThat(reopened(new byte[0])).isEmpty();
        assertThat(reopened(Arrays.copyOf(bytes, 20))).isEmpty();
    }

    @Test
    void foreignFilesBesideItAreLeftAlone() throws Exception {
        Path directory = Journals.directory(parent);
        Files.copy(segment, directory.resolve("journal-copy.log"));
        Files.copy(segment, directory.resolve(segment.getFileName() + ".bak"));
        Path secret = Files.writeString(parent.resolve("secret"), "secret");
        Files.createSymbolicLink(directory.resolve("journal-00000000000000aa.log"), secret);
        assertThat(new ProcessBuilder(
                                "mkfifo",
                                directory
                                        .resolve("journal-00000000000000ab.log")
                                        .toString())
                        .start()
                        .waitFor())
                .isZero();
        Journal journal = open();
        assertThat(Journals.contents(journal)).isEqualTo(written);
        Journals.append(journal, "more", "1");
        journal.close();
        assertThat(directory.resolve("journal-copy.log")).hasBinaryContent(bytes);
        assertThat(directory.resolve(segment.getFileName() + ".bak")).hasBinaryContent(bytes);
        assertThat(secret).hasContent("secret");
        assertThat(Files.isSymbolicLink(directory.resolve("journal-00000000000000aa.log")))
                .isTrue();
    }

    @Test
    void aValueThatHoldsAJournalIsNotTakenForOne() throws IOException {
        Journal journal = open();
        String journalInJournal = new String(bytes, StandardCharsets.ISO_8859_1);
        Journals.append(journal, "nested", journalInJournal);
        Path now = Journals.segment(parent);
        journal.close();
        byte[] damaged = Files.readAllBytes(now);
        damaged[damaged.length - 1] ^= 1;
        Files.write(now, damaged);
        assertThat(Journals.contents(open())).isEqualTo(written);
    }

    private static byte[] noise(Random random, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static byte[] concat(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
