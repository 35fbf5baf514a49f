package io.tinyllm.cache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.disk.FaultyDisk;
import io.tinyllm.cache.snapshot.figures.SnapshotResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class SnapshotDamageTests {

    private static final int ENTRIES = 40;
    private static final String HEADER = "{\"format\":\"tinyllm-cache-snapshot\",\"version\":2,\"cache\":\"users\","
            + "\"generation\":1,\"savedAt\":\"2026-01-31T12:00:00Z\"";
    private static final String ENTRY = "{\"key\":\"a\",\"type\":\"java.lang.String\",\"value\":\"b\"";
    private static final String FOOTER = "{\"end\":true,\"savedAt\":\"2026-01-31T12:00:00Z\",\"entries\":1";

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

    private Path saved(boolean compress) throws IOException {
        f.compress = compress;
        f.restart();
        for (int i = 0; i < ENTRIES; i++) {
            f.cache.put("key" + i, "value " + i);
        }
        f.save();
        return f.file(f.files().get(0));
    }

    /** Restores from these bytes alone, and checks that it was all or nothing, and nothing wrong. */
    private boolean restores(Path file, byte[] bytes) throws IOException {
        for (String other : f.files()) {
            Files.delete(f.file(other));
        }
        Files.write(file, bytes);
        f.cache.clear();
        SnapshotResult result = f.restore();
        for (int i = 0; i < ENTRIES; i++) {
            assertThat(f.value("key" + i)).isEqualTo(result.entries() == 0 ? null : "value " + i);
        }
        assertThat(f.memory.size()).isEqualTo(result.entries()).isIn(0L, (long) ENTRIES);
        boolean good = result.entries() == ENTRIES;
        assertThat(f.files()).containsExactly(file.getFileName() + (good ? "" : ".corrupt"));
        return good;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cutOffAnywhereItIsNotUsed(boolean compress) throws IOException {
        Path file = saved(compress);
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length += 97) {
            assertThat(restores(file, Arrays.copyOf(bytes, length)))
                    .as("%d bytes", length)
                    .isFalse();
        }
        for (int length = bytes.length - 200; length < bytes.length; length++) {
            assertThat(restores(file, Arrays.copyOf(bytes, length)))
                    .as("%d bytes", length)
                    .isFalse();
        }
        assertThat(restores(file, bytes)).isTrue();
    }

    @Test
    void noByteOfALineGoesUnchecked() throws IOException {
        Path file = saved(false);
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(42);
        for (int at = 0; at < bytes.length; at += 1 + random.nextInt(9)) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            assertThat(restores(file, flipped)).as("byte %d", at).isFalse();
        }
        for (int at = bytes.length - 150; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 1;
            assertThat(restores(file, flipped)).as("byte %d", at).isFalse();
        }
    }

    @Test
    void aDamagedGzipFileIsEitherRefusedOrHarmless() throws IOException {
        Path file = saved(true);
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(42);
        int refused = 0;
        for (int at = 0; at < bytes.length; at++) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            refused += restores(file, flipped) ? 0 : 1;
        }
        // What is left are the bytes of time, flags and system in the heads of the two gzip members, and unused bits.
        assertThat(refused).isGreaterThan(bytes.length - 30);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingMayFollowTheEnd(boolean compress) throws IOException {
        Path file = saved(compress);
        byte[] bytes = Files.readAllBytes(file);
        for (byte[] more : List.of(new byte[] {0}, new byte[] {'\n'}, new byte[1_000], bytes)) {
            byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
            System.arraycopy(more, 0, longer, bytes.length, more.length);
            assertThat(restores(file, longer)).isFalse();
        }
    }

    @Test
    void noLineMayBeMissingDoubledOrOutOfPlace() throws IOException {
        Path file = saved(false);
        List<String> lines = Files.readAllLines(file);
        for (int at = 0; at < lines.size(); at++) {
            List<String> missing = new java.util.ArrayList<>(lines);
            missing.remove(at);
            assertThat(restores(file, bytes(missing))).as("without line %d", at).isFalse();
            List<String> doubled = new java.util.ArrayList<>(lines);
            doubled.add(at, lines.get(at));
            assertThat(restores(file, bytes(doubled))).as("twice line %d", at).isFalse();
            if (at > 0) {
                List<String> swapped = new java.util.ArrayList<>(lines);
                java.util.Collections.swap(swapped, at - 1, at);
                assertThat(restores(file, bytes(swapped)))
                        .as("swapped line %d", at)
                        .isFalse();
            }
        }
    }

    @Test
    void anOlderGenerationIsTriedAndOneWarningWritten(CapturedOutput output) throws IOException {
        f.cache.put("k", "first");
        f.save();
        f.cache.put("k", "second");
        f.save();
        f.restart();
        Files.writeString(f.file("users-2.jsonl"), "torn");
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.value("k")).isEqualTo("first");
        assertThat(f.files()).containsExactly("users-1.jsonl", "users-2.jsonl.corrupt");
        assertThat(f.snapshots.statistics().corruptFiles()).isEqualTo(1);
        assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
                .hasSize(1);
        assertThat(output).contains("users-2.jsonl of cache 'users' is not used and set aside as .corrupt");

        f.cache.put("k", "third");
        f.save();
        assertThat(f.files()).containsExactly("users-1.jsonl", "users-2.jsonl.corrupt", "users-3.jsonl");
    }

    @Test
    void whereEveryGenerationIsBadTheStartIsCold() throws IOException {
        f.cache.put("k", "first");
        f.save();
        f.save();
        f.restart();
        Files.writeString(f.file("users-1.jsonl"), "torn");
        Files.writeString(f.file("users-2.jsonl"), "");
        assertThat(f.restore()).isEqualTo(new SnapshotResult("users", 0, 0, 0));
        assertThat(f.files()).containsExactly("users-2.jsonl.corrupt");
    }

    @Test
    void aFileOfTenGigabytesOfZerosIsRefusedAtOnce() throws IOException {
        Path file = f.file("users-1.jsonl");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), (10L << 30) - 1);
        }
        assertRefused();
    }

    @Test
    void aGoodBeginningWithTenGigabytesOfZerosBehindIsRefusedAtOnce() throws IOException {
        Path file = f.file("users-1.jsonl");
        byte[] footer =
                "{\"end\":true,\"savedAt\":\"2026-01-31T12:00:00Z\",\"entries\":0}\n".getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(sealed(HEADER)));
            channel.write(ByteBuffer.wrap("{\"key\":\"".getBytes(StandardCharsets.UTF_8)));
            channel.write(ByteBuffer.wrap(footer), (10L << 30));
        }
        assertRefused();
    }

    @Test
    void aBombThatUnpacksToZerosIsRefusedAtOnce() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(sealed(HEADER));
            for (int i = 0; i < 64; i++) {
                out.write(new byte[1 << 20]);
            }
        }
        Files.write(f.file("users-1.jsonl.gz"), bytes.toByteArray());
        assertRefused();
    }

    @Test
    void aMillionLevelsAreRefused() throws IOException {
        String deep = "{\"key\":\"a\",\"type\":\"?\",\"value\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000);
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, deep, FOOTER));
        assertRefused();
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, "[".repeat(1_000_000), FOOTER));
        assertRefused();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"key\":\"a\",\"type\":\"java.lang.String\",\"value\":\"b\",\"more\":1",
                "{\"key\":\"a\",\"type\":\"java.lang.String\",\"value\":",
                "{\"key\":\"a\",\"type\":\"java.lang.String\"",
                "{\"key\":1,\"type\":\"java.lang.String\",\"value\":\"b\"",
                "{\"other\":\"a\",\"type\":\"java.lang.String\",\"value\":\"b\"",
                "{\"key\":\"a\",\"expiresAt\":\"tomorrow\",\"type\":\"java.lang.String\",\"value\":\"b\"",
                "{\"key\":\"a\",\"expiresAt\":\"+1000000000-12-31T23:59:59Z\","
                        + "\"type\":\"java.lang.String\",\"value\":1",
                "{\"key\":\"a\",\"type\":\"java.lang.String\",\"value\":\"b\"}{",
                "{",
                "{}"
            })
    void aLineThatIsNoEntryIsRefusedThoughItsChecksumIsRight(String line) throws IOException {
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, line, FOOTER));
        assertRefused();
    }

    @Test
    void theWholeThatTheOthersAreMadeOfIsGood() throws IOException {
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, ENTRY, FOOTER));
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.value("a")).isEqualTo("b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"version\":\"2\"",
                "\"version\":0",
                "\"version\":1.5",
                "\"version\":null",
                "\"version\":99999999999"
            })
    void aVersionThatIsNoneIsRefused(String version) throws IOException {
        Files.write(f.file("users-1.jsonl"), sealed(HEADER.replace("\"version\":2", version), ENTRY, FOOTER));
        assertRefused();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aFileOfAnotherVersionRestoresNothingAndIsLeftAsItIs(int version) throws IOException {
        byte[] bytes = sealed(HEADER.replace("\"version\":2", "\"version\":" + version), ENTRY, FOOTER);
        Files.write(f.file("users-1.jsonl"), bytes);

        assertThat(f.restore().entries()).isZero();
        assertThat(f.cache.memory().size()).isZero();
        assertThat(Files.readAllBytes(f.file("users-1.jsonl"))).isEqualTo(bytes);
        assertThat(f.snapshots.statistics().corruptFiles()).isZero();
    }

    @Test
    void aFileOfAnEarlierVersionBehindANewOneDoesNoHarm() throws IOException {
        Files.write(f.file("users-1.jsonl"), sealed(HEADER.replace("\"version\":2", "\"version\":1"), ENTRY, FOOTER));
        f.cache.put("a", "new");
        f.save();
        f.cache.clear();
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.value("a")).isEqualTo("new");
    }

    @Test
    void anEntryMayBearTags() throws IOException {
        String tagged = ENTRY.replace("\"type\"", "\"tags\":[\"eu\",\"\\u00e9\"],\"type\"");
        assertThat(tagged).contains("tags");
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, tagged, FOOTER));
        assertThat(f.restore().entries()).isEqualTo(1);
        assertThat(f.value("a")).isEqualTo("b");
    }

    @Test
    void tagsThatAreNoTextsAreRefused() throws IOException {
        String tagged = ENTRY.replace("\"type\"", "\"tags\":[7],\"type\"");
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, tagged, FOOTER));
        assertRefused();
    }

    @Test
    void aFileOfAnotherCacheOrWithAnotherCountIsRefused() throws IOException {
        Files.write(f.file("users-1.jsonl"), sealed(HEADER.replace("users", "roles"), ENTRY, FOOTER));
        assertRefused();
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, ENTRY, FOOTER.replace("\"entries\":1", "\"entries\":2")));
        assertRefused();
        Files.write(f.file("users-1.jsonl"), sealed(HEADER, ENTRY));
        assertRefused();
    }

    @Test
    void onlyAllowedTypesComeBackAndNoClassIsLoadedByName() throws IOException {
        String[] types = {
            "io.tinyllm.cache.snapshotevil.Gadget",
            "javax.script.ScriptEngineManager",
            "org.springframework.context.support.ClassPathXmlApplicationContext",
            "io.tinyllm.cache.core.TieredCache",
            "java.lang.Thread",
            "?",
            "",
            "[".repeat(300),
            "../../etc/passwd"
        };
        String[] lines = Stream.of(
                        Stream.of(HEADER),
                        Arrays.stream(types)
                                .map(type -> "{\"key\":\"a\",\"type\":\"" + type + "\",\"value\":{\"" + type
                                        + "#abcdefgh\":{\"command\":\"rm\"}}"),
                        Stream.of(ENTRY.replace("\"a\"", "\"good\"")),
                        Stream.of(FOOTER.replaceFirst("1$", String.valueOf(types.length + 1))))
                .flatMap(line -> line)
                .toArray(String[]::new);
        Files.write(f.file("users-1.jsonl"), sealed(lines));
        SnapshotResult result = f.restore();
        assertThat(result.entries()).isEqualTo(1);
        assertThat(result.skipped()).isEqualTo(types.length);
        assertThat(f.value("good")).isEqualTo("b");
        assertThat(System.getProperty("tinyllm.test.gadget")).isNull();
    }

    @Test
    void keysOfNoAllowedTypeAreSkipped() throws IOException {
        String[] keys = {
            "\"encodedKey\":\"x1:zz\"", "\"encodedKey\":\"\"", "\"encodedKey64\":\"*\"", "\"encodedKey64\":\"/w==\""
        };
        String[] lines = Stream.of(
                        Stream.of(HEADER),
                        Arrays.stream(keys).map(key -> ENTRY.replace("\"key\":\"a\"", key)),
                        Stream.of(FOOTER.replaceFirst("1$", "4")))
                .flatMap(line -> line)
                .toArray(String[]::new);
        Files.write(f.file("users-1.jsonl"), sealed(lines));
        assertThat(f.restore().skipped()).isEqualTo(4);
        assertThat(f.memory.size()).isZero();
    }

    @Test
    void aFullDiskCostsTheNewSnapshotAndNothingElse(CapturedOutput output) throws IOException {
        FaultyDisk disk = new FaultyDisk();
        f.disk = disk;
        f.restart();
        f.cache.put("k", "v");
        f.save();
        for (int i = 0; i < 100; i++) {
            f.cache.put(i, i);
        }
        disk.space = 1_000;
        assertThatThrownBy(f::save)
                .isInstanceOf(SnapshotException.class)
                .hasMessageContaining("No space left on device");
        f.snapshots.saveChanged();
        assertThat(f.files()).containsExactly("users-1.jsonl");
        assertThat(f.snapshots.statistics().saveFailures()).isEqualTo(2);
        assertThat(f.snapshots.problems()).containsOnlyKeys("users");
        assertThat(output.getOut().lines().filter(line -> line.contains("WARN")))
                .hasSize(1);
        assertThat(f.value(7)).isEqualTo(7);

        disk.space = Long.MAX_VALUE;
        f.snapshots.saveChanged();
        assertThat(f.snapshots.problems()).isEmpty();
        f.restart();
        assertThat(f.restore().entries()).isEqualTo(101);
    }

    @Test
    void aFileThatCannotBeReadIsLeftWhereItIs() throws IOException {
        FaultyDisk disk = new FaultyDisk();
        f.disk = disk;
        f.restart();
        f.cache.put("k", "v");
        f.save();
        f.restart();
        disk.failing = "open";
        assertThat(f.restore().entries()).isZero();
        assertThat(f.files()).containsExactly("users-1.jsonl");
        disk.failing = "nothing";
        assertThat(f.restore().entries()).isEqualTo(1);
    }

    private void assertRefused() throws IOException {
        long started = System.nanoTime();
        assertThat(f.restore().entries()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(20));
        assertThat(f.files()).hasSize(1).allMatch(name -> name.endsWith(".corrupt"));
        assertThat(f.memory.size()).isZero();
        assertThat(f.snapshots.statistics().corruptFiles()).isPositive();
        for (String name : f.files()) {
            Files.delete(f.file(name));
        }
    }

    private static byte[] bytes(List<String> lines) {
        return lines.stream().collect(Collectors.joining("\n", "", "\n")).getBytes(StandardCharsets.UTF_8);
    }

    /** Lines with right checksums, as somebody who means harm would write them. */
    private static byte[] sealed(String... lines) {
        Seal seal = new Seal();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String text : lines) {
            Line line = new Line().raw(text.getBytes(StandardCharsets.UTF_8));
            seal.close(line);
            out.write(line.bytes(), 0, line.length());
        }
        return out.toByteArray();
    }
}
