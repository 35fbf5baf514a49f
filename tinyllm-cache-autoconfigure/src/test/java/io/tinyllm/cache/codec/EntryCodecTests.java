package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.codec.Envelope.Opened;
import io.tinyllm.cache.codec.Envelope.Stamp;
import io.tinyllm.cache.spring.SimpleKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.interceptor.SimpleKey;

class EntryCodecTests {

    private static final Stamp STAMP = Stamp.of(1_700_000_000_000L, 60_000);

    private final ValueTypes types = new ValueTypes(Set.of(), getClass().getClassLoader());
    private final KeyCodec keys = new KeyCodec(types, List.of(SimpleKeys.composite()), BeanKeys.NONE);
    private final ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());

    private EntryCodec codec(int compressAbove) {
        return new EntryCodec(values, new EnvelopeFormat(compressAbove, 1 << 20));
    }

    @ParameterizedTest
    @ValueSource(ints = {EnvelopeFormat.NEVER, 10})
    void anEntryComesBackWithItsStamp(int compressAbove) {
        String value = "some text ".repeat(100);
        byte[] key = keys.encode("k");
        byte[] stored = codec(compressAbove).write("c", key, value, STAMP);
        assertThat(codec(EnvelopeFormat.NEVER).read("c", key, stored))
                .isEqualTo(new EntryCodec.Entry(value, STAMP, null));
        assertThat(stored.length < value.length()).isEqualTo(compressAbove == 10);
        byte[] nothing = codec(compressAbove).write("c", key, null, STAMP);
        assertThat(codec(compressAbove).read("c", key, nothing)).isEqualTo(new EntryCodec.Entry(null, STAMP, null));
    }

    @Test
    void whatDoesNotShrinkIsNotCompressed() {
        byte[] noise = new byte[1_000];
        new Random(1).nextBytes(noise);
        Envelope envelope = new Envelope(STAMP, new byte[16], "t", List.of(), noise);
        assertThat(new EnvelopeFormat(10, 2_000).seal(envelope))
                .isEqualTo(new EnvelopeFormat(EnvelopeFormat.NEVER, 2_000).seal(envelope));
    }

    @ParameterizedTest
    @ValueSource(ints = {EnvelopeFormat.NEVER, 10})
    void noByteMayDiffer(int compressAbove) {
        byte[] key = keys.encode("k".repeat(600));
        EntryCodec codec = codec(compressAbove);
        byte[] stored = codec.write("c", key, List.of("a value", 42L), STAMP);
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (int i = 0; i < stored.length; i++) {
            for (int change = 1; change < 256; change++) {
                byte[] wrong = stored.clone();
                wrong[i] ^= (byte) change;
                EntryCodec.Entry entry = codec.read("c", key, wrong);
                if (entry.ok() || entry.value() != null) {
                    throw new AssertionError("byte " + i + " may differ");
                }
                faults.add(entry.fault());
            }
        }
        assertThat(faults).containsExactlyInAnyOrder(Fault.BAD_MAGIC, Fault.VERSION, Fault.TRUNCATED, Fault.CHECKSUM);
    }

    @Test
    void noByteMayBeMissingOrAdded() {
        byte[] key = keys.encode("k");
        byte[] stored = codec(EnvelopeFormat.NEVER).write("c", key, "a value", STAMP);
        for (int length = 0; length < stored.length; length++) {
            EntryCodec.Entry entry = codec(EnvelopeFormat.NEVER).read("c", key, Arrays.copyOf(stored, length));
            assertThat(entry.fault()).isEqualTo(length < 3 ? Fault.BAD_MAGIC : Fault.TRUNCATED);
        }
        byte[] longer = Arrays.copyOf(stored, stored.length + 1);
        assertThat(codec(EnvelopeFormat.NEVER).read("c", key, longer).fault()).isEqualTo(Fault.CHECKSUM);
    }

    @Test
    void randomChangesAreNeverAnAnswer() {
        Random random = new Random(3);
        byte[] key = keys.encode("k");
        EntryCodec codec = codec(10);
        byte[] stored = codec.write("c", key, "text ".repeat(50), STAMP);
        for (int i = 0; i < 50_000; i++) {
            byte[] wrong =
                    random.nextInt(4) == 0 ? Arrays.copyOf(stored, random.nextInt(stored.length)) : stored.clone();
            for (int n = random.nextInt(8); n >= 0 && wrong.length > 0; n--) {
                wrong[random.nextInt(wrong.length)] = (byte) random.nextInt();
            }
            if (codec.read("c", key, wrong).ok() && !Arrays.equals(wrong, stored)) {
                throw new AssertionError("accepted " + Arrays.toString(wrong));
            }
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (random.nextBoolean()) {
                System.arraycopy(stored, 0, noise, 0, Math.min(noise.length, 9));
            }
            if (codec.read("c", key, noise).ok()) {
                throw new AssertionError("accepted " + Arrays.toString(noise));
            }
        }
    }

    @Test
    void aForgedRecordWithAGoodChecksumIsNoException() {
        Random random = new Random(4);
        byte[] key = keys.encode("k");
        EntryCodec codec = codec(10);
        byte[] stored = codec.write("c", key, "text ".repeat(50), STAMP);
        for (int i = 0; i < 50_000; i++) {
            byte[] forged = stored.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                forged[8 + random.nextInt(forged.length - 16)] = (byte) random.nextInt();
            }
            sign(forged);
            codec.read("c", key, forged); // must not throw
        }
    }

    @Test
    void aRecordMayNotUnpackToMoreThanTheLimit() {
        byte[] zeros = new byte[1 << 24];
        byte[] bomb = new EnvelopeFormat(10, 1 << 25).seal(new Envelope(STAMP, new byte[16], "t", List.of(), zeros));
        assertThat(bomb.length).isLessThan(1 << 18);
        assertThat(new EnvelopeFormat(10, 1 << 20).open(bomb).fault()).isEqualTo(Fault.UNREADABLE);
        // one that claims less, or more, than it holds
        for (int claim : new int[] {1_000, (1 << 24) - 1, (1 << 24) + 1, Integer.MAX_VALUE, -1}) {
            ByteBuffer.wrap(bomb).putInt(41 + 1 + 1 + 1, claim);
            sign(bomb);
            assertThat(new EnvelopeFormat(10, Integer.MAX_VALUE).open(bomb).fault())
                    .as("%s", claim)
                    .isEqualTo(Fault.UNREADABLE);
        }
        ByteBuffer.wrap(bomb).putInt(41 + 1 + 1 + 1, 1 << 24);
        sign(bomb);
        assertThat(new EnvelopeFormat(10, 1 << 24).open(bomb).fault()).isNull();
    }

    private static void sign(byte[] bytes) {
        CRC32C first = new CRC32C();
        first.update(bytes, 0, bytes.length - 8);
        CRC32 second = new CRC32();
        second.update(bytes, 0, bytes.length - 8);
        ByteBuffer.wrap(bytes).putInt(bytes.length - 8, (int) first.getValue()).putInt(bytes.length - 4, (int)
                second.getValue());
    }

    @Test
    void aRecordAnswersForItsOwnKeyOnly() {
        byte[] one = keys.encode("a".repeat(1 << 20));
        byte[] other = keys.encode("b".repeat(1 << 20));
        EntryCodec codec = codec(EnvelopeFormat.NEVER);
        byte[] stored = codec.write("c", one, "v", STAMP);
        assertThat(codec.read("c", one, stored).value()).isEqualTo("v");
        assertThat(codec.read("c", other, stored).fault()).isEqualTo(Fault.KEY_MISMATCH);
        assertThat(codec.read("c", keys.encode("a"), stored).fault()).isEqualTo(Fault.KEY_MISMATCH);
        byte[] small = codec.write("c", keys.encode("a"), "v", STAMP);
        assertThat(codec.read("c", keys.encode("b"), small).fault()).isEqualTo(Fault.KEY_MISMATCH);
        assertThat(codec.read("d", keys.encode("a"), small).fault())
                .as("the same key of another cache")
                .isEqualTo(Fault.KEY_MISMATCH);
        assertThat(codec.read("c", one, small).fault()).isEqualTo(Fault.KEY_MISMATCH);
    }

    @Test
    void whatIsLeftOfTheTimeToLiveIsBoundedWhateverTheClocksSay() {
        long created = STAMP.createdMillis();
        assertThat(STAMP.remainingMillis(created)).isEqualTo(60_000);
        assertThat(STAMP.remainingMillis(created + 1)).isEqualTo(59_999);
        assertThat(STAMP.remainingMillis(created - 86_400_000)).isEqualTo(60_000);
        assertThat(STAMP.remainingMillis(created + 86_400_000)).isZero();
        for (long now : new long[] {Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(Stamp.of(-5, 60_000).remainingMillis(now)).isEqualTo(now < 0 ? 60_000 : 0);
            assertThat(Stamp.of(5, 0).remainingMillis(now)).isEqualTo(Long.MAX_VALUE);
        }
    }

    // ---- format version 2, as it was first written ---------------------------------------------------------------

    enum Mood {
        CALM
    }

    record Golden(long id, String name, Mood mood, List<Instant> times, Map<String, Object> extra, Optional<Float> f) {}

    static Map<String, Object> goldenValues() {
        Map<String, Object> values = new LinkedHashMap<>();
        Map<String, Object> extra = new LinkedHashMap<>();
        extra.put("long", 1L);
        extra.put("text", "\u00e9");
        values.put(
                "record",
                new Golden(1, "n", Mood.CALM, List.of(Instant.ofEpochSecond(1, 5)), extra, Optional.of(1.5f)));
        values.put("list", List.of(new Golden(2, "m", Mood.CALM, List.of(), Map.of(), Optional.empty())));
        values.put("text", "plain");
        values.put("long", 1L << 40);
        values.put("bytes", new byte[] {1, 2, -1});
        List<Object> mixed = new ArrayList<>(List.of(1, 2L, 'c', Set.of(Mood.CALM), Map.of(1L, "x")));
        mixed.add(null);
        values.put("mixed", mixed);
        values.put("null", null);
        values.put("compressed", "compressed ".repeat(20));
        return values;
    }

    record Lists(List<Golden> list) {}

    static List<String> goldenNames() {
        return List.copyOf(goldenValues().keySet());
    }

    @ParameterizedTest
    @MethodSource("goldenNames")
    void recordsOfFormatTwoAreStillRead(String name) throws IOException {
        types.declare("c", Object.class);
        types.declare("c", Golden.class);
        types.declare("c", Lists.class.getRecordComponents()[0].getGenericType());
        types.allow(Mood.class);
        Object value = goldenValues().get(name);
        byte[] key = keys.encode(new SimpleKey("k".repeat(name.equals("list") ? 600 : 1), 1L));
        String file = "/codec/v2-" + name + ".bin";
        String directory = System.getProperty("tinyllm.test.golden-directory");
        if (directory != null) {
            byte[] stored = codec(100).write("c", key, value, STAMP);
            Files.write(Path.of(directory, file), stored);
        }
        try (InputStream in = getClass().getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            EntryCodec.Entry entry = codec(100).read("c", key, in.readAllBytes());
            assertThat(entry.fault()).isNull();
            assertThat(entry.stamp()).isEqualTo(STAMP);
            assertThat(entry.value()).isEqualTo(value);
        }
    }

    @Test
    void tagsOfFormatTwoAreStillRead() throws IOException {
        EnvelopeFormat format = new EnvelopeFormat(EnvelopeFormat.NEVER, 10);
        String file = "/codec/v2-tags.bin";
        String directory = System.getProperty("tinyllm.test.golden-directory");
        if (directory != null) {
            List<String> tags = List.of("1769860800", "eu", "", "\u00e9\ud83d\ude00", "t".repeat(256));
            Files.write(
                    Path.of(directory, file),
                    format.seal(new Envelope(STAMP, new byte[16], "t", tags, new byte[] {1, -1})));
        }
        try (InputStream in = getClass().getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            Envelope envelope = format.open(in.readAllBytes()).envelope();
            assertThat(envelope.tags()).containsExactly("1769860800", "eu", "", "\u00e9\ud83d\ude00", "t".repeat(256));
            assertThat(envelope.stamp()).isEqualTo(STAMP);
            assertThat(envelope.payload()).containsExactly(1, -1);
        }
    }

    @ParameterizedTest
    @MethodSource("goldenNames")
    void recordsOfFormatOneAreMisses(String name) throws IOException {
        types.declare("c", Object.class);
        byte[] key = keys.encode(new SimpleKey("k".repeat(name.equals("list") ? 600 : 1), 1L));
        try (InputStream in = getClass().getResourceAsStream("/codec/v1-" + name + ".bin")) {
            assertThat(in).isNotNull();
            assertThat(codec(100).read("c", key, in.readAllBytes()))
                    .isEqualTo(new EntryCodec.Entry(null, null, Fault.VERSION));
        }
    }

    @Test
    void tagsComeBack() {
        Envelope envelope =
                new Envelope(STAMP, new byte[16], "t", List.of("eu", "", "\u00e9".repeat(30_000)), new byte[] {1});
        EnvelopeFormat format = new EnvelopeFormat(EnvelopeFormat.NEVER, 10);
        Envelope same = format.open(format.seal(envelope)).envelope();
        assertThat(same.tags()).isEqualTo(envelope.tags());
        assertThat(same.payload()).containsExactly(1);
        assertThat(same.type()).isEqualTo("t");
    }

    @Test
    void whatDoesNotFitInAnEnvelopeIsRefused() {
        EnvelopeFormat format = new EnvelopeFormat(EnvelopeFormat.NEVER, 10);
        for (Envelope wrong : List.of(
                new Envelope(STAMP, new byte[15], "t", List.of(), new byte[0]),
                new Envelope(STAMP, new byte[16], "t".repeat(256), List.of(), new byte[0]),
                new Envelope(STAMP, new byte[16], "t", List.of("t".repeat(65_536)), new byte[0]),
                new Envelope(STAMP, new byte[16], "t", Collections.nCopies(256, "t"), new byte[0]))) {
            assertThatThrownBy(() -> format.seal(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Anybody can read the head with od, and compute the checksums with what every platform has. */
    @Test
    void theBytesAreAsDocumented() {
        byte[] key = keys.encode("k");
        byte[] stored = codec(EnvelopeFormat.NEVER).write("c", key, "v", STAMP);
        ByteBuffer in = ByteBuffer.wrap(stored);
        assertThat(new String(stored, 0, 3, StandardCharsets.US_ASCII)).isEqualTo("TLC");
        assertThat(in.get(3)).isEqualTo((byte) 2);
        assertThat(in.getInt(4)).isEqualTo(stored.length);
        assertThat(in.get(8)).isZero();
        assertThat(in.getLong(9)).isEqualTo(STAMP.createdMillis());
        assertThat(in.getLong(17)).isEqualTo(STAMP.deadlineMillis());
        int type = in.get(41);
        assertThat(new String(stored, 42, type, StandardCharsets.UTF_8)).isEqualTo("String");
        assertThat(in.get(42 + type)).as("tags").isZero();
        assertThat(new String(stored, 47 + type, in.getInt(43 + type), StandardCharsets.UTF_8))
                .isEqualTo("\"v\"");
        assertThat(stored).hasSize(47 + type + 3 + 8);
    }

    @Test
    void keysOfFormatOneAreStillWritten() {
        types.allow(Mood.class);
        Object key = new SimpleKey("a", 1, 2L, Mood.CALM, List.of(1.5, 'c'), null, new byte[] {65}, Instant.EPOCH);
        assertThat(new String(keys.encode(key), StandardCharsets.UTF_8))
                .isEqualTo("SK8:s1:ai1:1l1:2E2:s43:io.tinyllm.cache.codec.EntryCodecTests$Moods4:CALM"
                        + "L2:d16:3ff8000000000000c2:99n0:b1:Ati20:1970-01-01T00:00:00Z");
    }

    @Test
    void anUnknownFormatIsAMissOfItsOwnKind() {
        byte[] key = keys.encode("k");
        byte[] stored = codec(EnvelopeFormat.NEVER).write("c", key, "v", STAMP);
        stored[3] = 3;
        sign(stored);
        Opened opened = new EnvelopeFormat(EnvelopeFormat.NEVER, 1_000).open(stored);
        assertThat(opened).isEqualTo(new Opened(null, Fault.VERSION));
    }
}
