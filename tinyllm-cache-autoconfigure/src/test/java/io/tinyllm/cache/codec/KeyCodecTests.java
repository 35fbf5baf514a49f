package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import io.tinyllm.cache.spring.SimpleKeys;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cache.interceptor.SimpleKey;

class KeyCodecTests {

    private final ValueTypes types = RandomKeys.types();
    private final KeyCodec codec = new KeyCodec(types, List.of(SimpleKeys.composite()), BeanKeys.NONE);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void keysShareTheirBytesOnlyIfTheyAreEqual(long seed) {
        RandomKeys keys = new RandomKeys(seed);
        Map<ByteBuffer, Object> seen = new HashMap<>();
        Map<Object, ByteBuffer> back = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            Object key = keys.next();
            ByteBuffer bytes = ByteBuffer.wrap(codec.encode(key));
            Object before = seen.putIfAbsent(bytes, key);
            if (before != null && !before.equals(key)) {
                fail("%s and %s share %s", before, key, bytes);
            }
            ByteBuffer earlier = back.putIfAbsent(key, bytes);
            if (earlier != null && !earlier.equals(bytes)) {
                fail("%s has two encodings", key);
            }
        }
        assertThat(seen).hasSizeGreaterThan(3_000).hasSizeLessThan(19_500);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12})
    void everyKeyComesBackEqualWithTheSameHash(long seed) {
        RandomKeys keys = new RandomKeys(seed);
        for (int i = 0; i < 20_000; i++) {
            Object key = keys.next();
            Object copy = codec.decode(codec.encode(key));
            if (!key.equals(copy) || key.hashCode() != copy.hashCode() || codec.hash64(copy) != codec.hash64(key)) {
                fail("%s came back as %s", key, copy);
            }
        }
    }

    @Test
    void noEncodingIsThePrefixOfAnother() {
        RandomKeys keys = new RandomKeys(21);
        Set<String> encodings = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            encodings.add(new String(codec.encode(keys.next()), StandardCharsets.ISO_8859_1));
        }
        List<String> sorted = encodings.stream().sorted().toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).startsWith(sorted.get(i - 1))) {
                fail("%s begins %s", sorted.get(i - 1), sorted.get(i));
            }
        }
    }

    @Test
    void typesAndBoundariesTellKeysApart() {
        List<Object> different = List.of(
                1,
                1L,
                (short) 1,
                (byte) 1,
                '1',
                "1",
                1.0,
                1.0f,
                true,
                new BigDecimal("1"),
                new BigDecimal("1.0"),
                List.of("1"),
                Set.of("1"),
                new SimpleKey("1"),
                new SimpleKey((Object) null),
                SimpleKey.EMPTY,
                new SimpleKey("a, b", "c"),
                new SimpleKey("a", "b, c"),
                new SimpleKey("a", "b", "c"),
                new SimpleKey(List.of("a", "b"), "c"),
                new SimpleKey("a", List.of("b", "c")),
                new SimpleKey((Object) new String[] {"a", "b"}),
                new SimpleKey((Object) new int[] {1}),
                new SimpleKey((Object) new long[] {1}),
                new SimpleKey((Object) new byte[] {1}),
                "\uD800",
                "\uD801",
                "?",
                0.0,
                -0.0);
        Function<Object, ByteBuffer> encode = key -> ByteBuffer.wrap(codec.encode(key));
        assertThat(different.stream().map(encode)).doesNotHaveDuplicates();
        assertThat(different.stream().map(codec::hash64)).doesNotHaveDuplicates();
    }

    @Test
    void equalKeysShareTheirBytesWhateverTheirClass() {
        assertThat(codec.encode(new ArrayList<>(List.of(1, 2)))).isEqualTo(codec.encode(List.of(1, 2)));
        assertThat(codec.encode(new LinkedHashSet<>(List.of("b", "a")))).isEqualTo(codec.encode(Set.of("a", "b")));
        Map<String, Integer> map = new LinkedHashMap<>();
        map.put("b", 2);
        map.put("a", 1);
        assertThat(codec.encode(map)).isEqualTo(codec.encode(new TreeMap<>(map)));
        assertThat(codec.encode(Double.longBitsToDouble(0x7ff8000000000001L))).isEqualTo(codec.encode(Double.NaN));
    }

    @Test
    void keysStayReadableInRedis() {
        assertThat(codec.encode("alice")).asString().isEqualTo("s5:alice");
        assertThat(codec.encode(new SimpleKey("a", 1L, null))).asString().isEqualTo("SK3:s1:al1:1n0:");
    }

    @Test
    void arraysInKeysComeBackByContent() {
        SimpleKey key = new SimpleKey(
                new byte[] {1, -1},
                new int[] {1, 2},
                new String[][] {{"a"}, {null}},
                new char[] {'x'},
                new boolean[] {true},
                new double[] {-0.0},
                new short[] {1},
                new long[] {1},
                new float[] {1});
        assertThat(codec.decode(codec.encode(key))).isEqualTo(key).hasSameHashCodeAs(key);
    }

    @Test
    void enumsAreEncodedByNameAndNeverByHash() {
        assertThat(codec.encode(RandomKeys.Colour.GREEN)).asString().contains("GREEN", "RandomKeys$Colour");
    }

    @Test
    void hashesAreTheSameInEveryProcess() {
        assertThat(List.of(
                        codec.hash64("alice"),
                        codec.hash64(42L),
                        codec.hash64(42),
                        codec.hash64(RandomKeys.Colour.GREEN),
                        codec.hash64(new SimpleKey("a", 1))))
                .containsExactly(
                        7202454739412422115L,
                        -8072088963135531135L,
                        6882189827113578368L,
                        6139711168655715083L,
                        7206506724048792195L);
    }

    @Test
    void longKeysAreShortenedAndShortOnesAreNot() {
        String mega = "x".repeat(1 << 20);
        byte[] encoded = codec.encode(mega);
        assertThat(KeyCodec.isShortened(encoded)).isTrue();
        assertThat(codec.shortKey(mega)).hasSize(65).isNotEqualTo(codec.shortKey(mega + "y"));
        assertThat(codec.decode(encoded)).isEqualTo(mega);
        String longest = "x".repeat(KeyCodec.SHORT - 5); // "s507:"
        assertThat(codec.shortKey(longest)).isEqualTo(codec.encode(longest)).hasSize(KeyCodec.SHORT);
        assertThat(codec.shortKey(longest + "x")).hasSize(65);
    }

    @Test
    void textsWithOneHashCodeGetDifferentHashesAndInGoodTime() {
        int bits = 17; // "Aa" and "BB" have the same hash code
        Set<Long> hashes = new HashSet<>();
        int[] buckets = new int[16];
        for (int i = 0; i < 100_000; i++) {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < bits; bit++) {
                key.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            long hash = codec.hash64(key.toString());
            hashes.add(hash);
            buckets[(int) (hash >>> 60)]++;
        }
        assertThat(hashes).hasSize(100_000);
        assertThat(Arrays.stream(buckets).max().orElseThrow()).isLessThan(7_000);
        assertThat(Arrays.stream(buckets).min().orElseThrow()).isGreaterThan(5_500);
    }

    @Test
    void numbersInARowSpreadEvenly() {
        int[] low = new int[16];
        for (long i = 0; i < 16_000; i++) {
            low[(int) (codec.hash64(i) & 15)]++;
        }
        assertThat(Arrays.stream(low).min().orElseThrow()).isGreaterThan(850);
    }

    @Test
    void bytesThatAreNoKeyAreReadAsNone() {
        Random random = new Random(31);
        RandomKeys keys = new RandomKeys(31);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = codec.encode(keys.next());
            if (bytes.length > 0 && i % 2 == 0) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            } else {
                random.nextBytes(bytes);
            }
            Object key = codec.decode(bytes); // must not throw
            if (key != null) {
                byte[] again = codec.encode(key);
                if (!Arrays.equals(codec.encode(codec.decode(again)), again)) {
                    fail("%s is unstable", key);
                }
            }
        }
        assertThat(codec.decode("L2147483647:".getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(codec.decode("pi2147483647:".getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(codec.decode("s99999999999:".getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(codec.decode("L1:".repeat(1_000_000).getBytes(StandardCharsets.UTF_8)))
                .isNull();
        assertThat(codec.decode(new byte[0])).isNull();
    }

    @Test
    void aKeyNamingAClassThatIsNotAllowedLoadsNothing() {
        String name = "io.tinyllm.cache.codec.ValueCodecTests$KeyCanary";
        for (String form : List.of("C1:", "E2:", "R0:", "B2:")) {
            assertThat(codec.decode(
                            (form + "s" + name.length() + ":" + name + "s1:A{}").getBytes(StandardCharsets.UTF_8)))
                    .isNull();
        }
        assertThat(System.getProperty("tinyllm.test.key-canary")).isNull();
    }

    static final class Secretive {
        @Override
        public String toString() {
            return "secret";
        }
    }

    @Test
    void unsupportedKeysAreRefusedByTypeAndNeverShown() {
        for (Object key : List.of(
                new Secretive(), new SimpleKey(new Secretive()), new RandomKeys.Pair("secret", new Secretive()))) {
            assertThatExceptionOfType(UnsupportedKeyException.class)
                    .isThrownBy(() -> codec.encode(key))
                    .withMessageContaining(Secretive.class.getName())
                    .withMessageNotContaining("secret");
        }
        Secretive key = new Secretive();
        assertThat(codec.hash64(key)).isEqualTo(codec.hash64(key));
    }

    @Test
    void keysThatContainThemselvesAreRefused() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        cycle.add(cycle);
        assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> codec.encode(cycle));
    }

    static final class Bean {
        private String name = "";
        private Duration duration = Duration.ZERO;

        @Override
        public boolean equals(Object other) {
            return other instanceof Bean that && name.equals(that.name) && duration.equals(that.duration);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    static final class Forgetful {
        private final transient int hidden;
        private int shown = 1;

        Forgetful(int hidden) {
            this.hidden = hidden;
        }

        Forgetful() {
            this(0);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Forgetful that && hidden == that.hidden && shown == that.shown;
        }

        @Override
        public int hashCode() {
            return hidden;
        }
    }

    @Test
    void beansAreKeysIfNothingOfThemIsLostAndAreReadIfAllowed() {
        ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        KeyCodec beans = new KeyCodec(types, List.of(), values.beanKeys());
        Bean bean = new Bean();
        bean.name = "x";
        assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> beans.encodeToRead(bean));
        types.allow(Bean.class);
        types.allow(Forgetful.class);
        assertThat(beans.decode(beans.encode(bean))).isEqualTo(bean);
        assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> beans.encode(new Forgetful(7)));
    }

    @Test
    void compositesNeedTagsOfTheirOwn() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new KeyCodec(types, List.of(SimpleKeys.composite(), SimpleKeys.composite()), BeanKeys.NONE));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Composite<>("s", Bean.class, b -> List.of(), p -> new Bean()));
    }

    record Unlisted(int x) {}

    enum UnlistedEnum {
        A
    }

    @Test
    void whatCouldNotBeReadBackIsNotWrittenForWhoeverHasToReadIt() {
        KeyCodec beans =
                new KeyCodec(types, List.of(), new ValueCodec(types, ValueLimits.DEFAULT, List.of()).beanKeys());
        for (Object part : List.of(new Unlisted(1), UnlistedEnum.A, Unlisted.class, new Bean())) {
            for (Object key : List.of(
                    part, List.of(part), new RandomKeys.Pair("a", part), Map.of(part, 1), new Object[] {part})) {
                assertThatExceptionOfType(UnsupportedKeyException.class).isThrownBy(() -> beans.encodeToRead(key));
            }
        }
        for (Object part : List.of(new Unlisted(1), UnlistedEnum.A, Unlisted.class)) {
            Object key = new RandomKeys.Pair("a", List.of(part));
            assertThat(beans.encode(key)).isNotEqualTo(beans.encode(new RandomKeys.Pair("a", List.of("other"))));
            assertThat(beans.decode(beans.encode(key)))
                    .as("a class that bytes name and that is not allowed")
                    .isNull();
        }
        types.allow(Unlisted.class);
        types.allow(UnlistedEnum.class);
        for (Object part : List.of(new Unlisted(1), UnlistedEnum.A, Unlisted.class, java.math.RoundingMode.UP)) {
            Object key = new RandomKeys.Pair("a", List.of(part));
            assertThat(beans.decode(beans.encode(key))).isEqualTo(key);
        }
    }

    static final class Search {
        private final Set<String> tags;
        private final Map<String, Integer> weights;
        private final List<Long> ids;
        private transient int hash;

        Search(Set<String> tags, Map<String, Integer> weights, List<Long> ids) {
            this.tags = tags;
            this.weights = weights;
            this.ids = ids;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Search that
                    && tags.equals(that.tags)
                    && weights.equals(that.weights)
                    && ids.equals(that.ids);
        }

        @Override
        public int hashCode() {
            if (hash == 0) {
                hash = tags.hashCode() + weights.hashCode() + ids.hashCode();
            }
            return hash;
        }
    }

    @Test
    void equalBeansShareTheirBytesWhateverTheyKeepTheirPartsIn() {
        types.allow(Search.class);
        KeyCodec beans =
                new KeyCodec(types, List.of(), new ValueCodec(types, ValueLimits.DEFAULT, List.of()).beanKeys());
        Map<String, Integer> weights = new LinkedHashMap<>();
        weights.put("b", 2);
        weights.put("a", 1);
        Search one = new Search(new LinkedHashSet<>(List.of("y", "x")), weights, new ArrayList<>(List.of(1L)));
        Search other = new Search(Set.of("x", "y"), new TreeMap<>(weights), List.of(1L));
        assertThat(one.hashCode()).isEqualTo(other.hashCode());
        other.hash = 0;
        assertThat(beans.encode(one)).isEqualTo(beans.encode(other));
        assertThat(beans.decode(beans.encode(one))).isEqualTo(one).hasSameHashCodeAs(one);
        byte[] changed = beans.encode(one);
        int hash = new String(changed, StandardCharsets.ISO_8859_1).indexOf("s8:") + 3;
        changed[hash] ^= 1;
        assertThat(beans.decode(changed)).as("of another shape").isNull();
    }

    @Test
    void hostileKeysAreNoneAndCheap() {
        StringBuilder colliding = new StringBuilder("S40000:");
        for (int i = 0; i < 40_000; i++) {
            String one = Integer.toString(i);
            String two = Integer.toString(-31 * i);
            colliding.append("L2:i").append(one.length()).append(':').append(one);
            colliding.append('i').append(two.length()).append(':').append(two);
        }
        String digits = "9".repeat(300_000);
        for (String key : List.of(
                colliding.toString(),
                colliding.toString().replace("S40000:", "M20000:"),
                "bi300000:" + digits,
                "bd300000:" + digits,
                "M2147483647:",
                "S2147483647:")) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            var threads = java.lang.management.ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                long before = threads.getCurrentThreadCpuTime();
                assertThat(codec.decode(bytes)).isNull();
                least = Math.min(least, threads.getCurrentThreadCpuTime() - before);
            }
            assertThat(least / 1_000_000).as("milliseconds").isLessThan(5 * 50);
        }
        assertThatExceptionOfType(UnsupportedKeyException.class)
                .isThrownBy(() -> codec.encode(new java.math.BigInteger(digits.substring(0, 10_000))));
    }
}
