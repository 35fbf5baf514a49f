package io.tinyllm.cache.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Date;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

class HeapWeigherTests {

    /** As much of each value is put into the heap to measure it. */
    private static final long MEASURED = 4L << 20;

    private final HeapWeigher weigher = new HeapWeigher();

    static Stream<Arguments> values() {
        return Stream.of(
                value("short text", i -> "answer " + i),
                value("text of a language model", i -> ("word " + i + " ").repeat(700)),
                value("text beyond ISO 8859-1", i -> "слово ".repeat(300) + i),
                value("text with one character beyond it, at the end", i -> "x".repeat(20_000) + i + "…"),
                value("bytes", i -> new byte[1500]),
                value("no bytes", i -> new byte[0]),
                value("numbers", i -> new double[333]),
                value("arrays of arrays", i -> new int[40][25]),
                value("a long", i -> 1_000_000L + i),
                value("texts in an array", i -> new String[] {"a" + i, "b" + i, "c" + i}),
                value("an amount", i -> new BigDecimal("123456.78").add(BigDecimal.valueOf(i))),
                value("a large number", i -> BigInteger.valueOf(i + 2L).pow(900)),
                value(
                        "a decimal of many digits",
                        i -> new BigDecimal(BigInteger.valueOf(i + 3L).pow(300), 20)),
                value("an instant", i -> Instant.ofEpochSecond(i, 5)),
                value("a date", i -> LocalDate.ofEpochDay(i)),
                value("a date and time", i -> LocalDateTime.of(2026, 1, 1 + i % 28, 10, 30, 20, 7)),
                value("an old date", Date::new),
                value("a duration", i -> Duration.ofSeconds(i, 3)),
                value("a UUID", i -> new UUID(i, ~i)),
                value("an address", i -> URI.create("https://example.org/items/" + i + "?q=all#part")),
                value("something optional", i -> Optional.of("text " + i)),
                value("a reference", i -> new AtomicReference<>("text " + i)),
                value("a text being built", i -> new StringBuilder(400).append(i)),
                value("bits", i -> bits(5000)),
                value("a buffer", i -> ByteBuffer.allocate(700)),
                value("a list", i -> texts(i, 50, new ArrayList<>())),
                value("a list of its exact size", i -> List.of("a" + i, "b" + i, "c" + i, "d" + i)),
                value("a list behind a view", i -> Collections.unmodifiableList(texts(i, 50, new ArrayList<>()))),
                value("an empty list", i -> new ArrayList<>()),
                value("a linked list", i -> texts(i, 50, new LinkedList<>())),
                value("a queue", i -> texts(i, 50, new ArrayDeque<>())),
                value("a list that is copied", i -> new CopyOnWriteArrayList<>(texts(i, 50, new ArrayList<>()))),
                value("a list of numbers", i -> numbers(i, 200)),
                value("a set", i -> texts(i, 60, new HashSet<>())),
                value("an ordered set", i -> texts(i, 60, new LinkedHashSet<>())),
                value("a set of its exact size", i -> java.util.Set.of("a" + i, "b" + i, "c" + i)),
                value("a map", i -> entries(i, 40, new HashMap<>())),
                value("an ordered map", i -> entries(i, 40, new LinkedHashMap<>())),
                value("a sorted map", i -> entries(i, 40, new TreeMap<>())),
                value("a concurrent map", i -> entries(i, 40, new ConcurrentHashMap<>())),
                value("a map by identity", i -> entries(i, 40, new IdentityHashMap<>())),
                value("a map of its exact size", i -> Map.of("a" + i, "b" + i, "c" + i, "d" + i)),
                value("a map of constants", i -> constants(i)),
                value("a record", i -> new Line("item " + i, i, new BigDecimal("12.5"), LocalDate.ofEpochDay(i))),
                value("records in a record", HeapWeigherTests::order),
                value("an object of classes", i -> new Child(i)),
                value("rows that share the names of their columns", HeapWeigherTests::rows),
                value(
                        "many references to one text",
                        i -> Collections.nCopies(3, "a".repeat(900) + i).toArray()),
                value("a map that is a list's own class", i -> new OwnMap(i)),
                value(
                        "a tree of JSON",
                        i -> JsonMapper.shared()
                                .readTree("{\"id\": " + (i + 1000)
                                        + ", \"tags\": [\"a\", \"b\"], \"of\": {\"name\": \"n" + i + "\"}}")),
                value("a ring", i -> ring(i, 30)),
                value("many elements", i -> texts(i, 120_000, new ArrayList<>())),
                value("many elements in a set", i -> texts(i, 120_000, new HashSet<>())),
                value("many large elements", i -> lists(300, 500)),
                value("many records", i -> orders(6_000)),
                value("many references to few objects", i -> few(i, 200_000)),
                value("a long chain", i -> chain(30_000)));
    }

    /** The promise of memory.maximum-weight. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("measured")
    void theEstimateIsWithinAFactorOfTwoOfTheHeap(String name, long estimate, double measured) {
        // Eight bytes are as exact as a heap is.
        assertThat(estimate).as("measured: " + measured).isBetween((long) (measured / 2), (long) (measured * 2) + 8);
    }

    /** Measures in a JVM of its own, with a small heap that nothing else uses. */
    static Stream<Arguments> measured() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Measuring.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines()
                .map(line -> line.split("\t"))
                .map(line -> Arguments.of(line[0], Long.parseLong(line[1]), Double.parseDouble(line[2])));
    }

    /** Prints of each value its name, the estimate and what it takes. */
    static final class Measuring {

        private Measuring() {}

        public static void main(String[] args) {
            HeapWeigher weigher = new HeapWeigher();
            // What the JVM makes for itself when this runs for the first time is no part of a value.
            measured(100_000, i -> "text " + i);
            values().forEach(value -> {
                @SuppressWarnings("unchecked")
                IntFunction<Object> make = (IntFunction<Object>) value.get()[1];
                long estimate = weigher.weigh(make.apply(1_000));
                int copies = (int) Math.max(1, Math.min(400_000, MEASURED / Math.max(1, estimate)));
                System.out.println(value.get()[0] + "\t" + estimate + "\t" + measured(copies, make));
            });
        }
    }

    @Test
    void whatBelongsToNoValueWeighsNothing() {
        assertThat(weigher.weigh(null)).isZero();
        for (Object object : List.of(
                TimeUnit.DAYS, String.class, Thread.currentThread(), getClass().getClassLoader(), Boolean.TRUE)) {
            assertThat(weigher.weigh(object)).as(object.toString()).isZero();
        }
        assertThat(weigher.weigh(new Held(Thread.currentThread(), getClass().getClassLoader(), "text")))
                .isLessThan(200);
    }

    @Test
    void whatIsHeldTwiceCountsOnce() {
        byte[] bytes = new byte[100_000];
        assertThat(weigher.weigh(new Object[] {bytes, bytes, List.of(bytes)})).isBetween(100_000L, 101_000L);
    }

    @Test
    void aValueThatHoldsItselfIsWeighed() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        list.add("x".repeat(1000));
        assertThat(weigher.weigh(list)).isBetween(1000L, 1300L);
    }

    @Test
    void aCollectionThatFailsWeighsSomething() {
        assertThat(weigher.weigh(new Failing())).isPositive();
    }

    /** The time is bounded by what is looked at; so it is the elements of a collection that are counted here. */
    @Test
    void ofAnEndlessCollectionOnlySoMuchIsLookedAt() {
        Endless endless = new Endless();
        assertThat(weigher.weigh(endless)).isPositive();
        assertThat(endless.looked).isLessThanOrEqualTo(100_000);
    }

    @Test
    void nestingCostsNoMoreThanItsBound() {
        Object[] nested = new Object[64];
        Counted counted = new Counted();
        fill(nested, 3, counted);
        assertThat(weigher.weigh(nested)).isPositive();
        assertThat(counted.looked).isLessThanOrEqualTo(100_000);
    }

    private static void fill(Object[] array, int levels, Counted counted) {
        for (int i = 0; i < array.length; i++) {
            if (levels == 0) {
                array[i] = counted.copy();
            } else {
                Object[] inner = new Object[array.length];
                fill(inner, levels - 1, counted);
                array[i] = inner;
                if (levels > 1) {
                    return;
                }
            }
        }
    }

    private static Arguments value(String name, IntFunction<Object> value) {
        return Arguments.of(name, value);
    }

    private static double measured(int copies, IntFunction<Object> value) {
        Object[] held = new Object[copies];
        for (int i = 0; i < copies; i++) {
            held[i] = value.apply(i + 1_000);
        }
        long with = used();
        Arrays.fill(held, null);
        return (double) (with - used()) / held.length;
    }

    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 2; i++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    private static <C extends java.util.Collection<String>> C texts(int seed, int count, C texts) {
        for (int i = 0; i < count; i++) {
            texts.add("element " + seed + " " + i);
        }
        return texts;
    }

    private static List<Integer> numbers(int seed, int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(seed * 31 + i + 1000);
        }
        return numbers;
    }

    private static Map<String, String> entries(int seed, int count, Map<String, String> entries) {
        for (int i = 0; i < count; i++) {
            entries.put("key " + seed + " " + i, "value " + i);
        }
        return entries;
    }

    private static BitSet bits(int count) {
        BitSet bits = new BitSet(count);
        bits.set(count - 1);
        return bits;
    }

    private static Map<TimeUnit, String> constants(int seed) {
        Map<TimeUnit, String> constants = new EnumMap<>(TimeUnit.class);
        for (TimeUnit unit : TimeUnit.values()) {
            constants.put(unit, "of " + seed + unit.ordinal());
        }
        return constants;
    }

    private static Order order(int seed) {
        return new Order(
                new UUID(seed, 1),
                Instant.ofEpochSecond(seed),
                IntStream.range(0, 7)
                        .mapToObj(i -> new Line("line " + seed + i, i + 500, BigDecimal.valueOf(i, 2), null))
                        .toList(),
                Optional.of("note " + seed));
    }

    private static List<Order> orders(int count) {
        return IntStream.range(0, count).mapToObj(HeapWeigherTests::order).toList();
    }

    private static List<Map<String, Object>> rows(int seed) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("A_COLUMN_OF_A_LONG_NAME", 100_000L + seed + i);
            row.put("ANOTHER_COLUMN_OF_A_LONG_NAME", "row " + seed + i);
            row.put("AND_A_THIRD_ONE", null);
            rows.add(row);
        }
        return rows;
    }

    private static List<List<String>> lists(int count, int size) {
        List<List<String>> lists = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lists.add(texts(i, size, new ArrayList<>()));
        }
        return lists;
    }

    private static Object few(int seed, int references) {
        List<String> pool = texts(seed, 100, new ArrayList<>());
        Object[] few = new Object[references];
        for (int i = 0; i < references; i++) {
            few[i] = pool.get(i * 7 % pool.size());
        }
        return few;
    }

    private static Node ring(int seed, int count) {
        Node first = new Node("node " + seed);
        Node last = first;
        for (int i = 1; i < count; i++) {
            last.next = new Node("node " + seed + i);
            last = last.next;
        }
        last.next = first;
        return first;
    }

    private static Node chain(int count) {
        Node first = new Node("first");
        for (int i = 0; i < count; i++) {
            Node before = new Node(null);
            before.next = first;
            first = before;
        }
        return first;
    }

    record Line(
            String name,
            int quantity,
            BigDecimal price,
            @Nullable LocalDate due) {}

    record Order(UUID id, Instant at, List<Line> lines, Optional<String> note) {}

    record Held(Thread thread, ClassLoader loader, String text) {}

    static class Parent {

        private final String name;
        private final transient long[] cached = new long[20];
        private final boolean flag = true;

        Parent(int seed) {
            name = "parent " + seed;
        }

        @Override
        public String toString() {
            return name + cached.length + flag;
        }
    }

    static final class Child extends Parent {

        private final byte[] picture = new byte[300];
        private final TimeUnit unit = TimeUnit.DAYS;
        private final List<Object> children = new ArrayList<>(Arrays.asList(1.5, 2.5));

        Child(int seed) {
            super(seed);
        }

        @Override
        public String toString() {
            return super.toString() + picture.length + unit + children;
        }
    }

    static final class OwnMap extends HashMap<String, Object> {

        private static final long serialVersionUID = 1L;

        private final transient byte[] more = new byte[500];

        OwnMap(int seed) {
            put("seed", 100_000 + seed);
            put("size", "of " + more.length + seed);
        }
    }

    static final class Node {

        private final @Nullable String name;
        private @Nullable Node next;

        Node(@Nullable String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return String.valueOf(name);
        }
    }

    static final class Failing extends ArrayList<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public int size() {
            throw new IllegalStateException("does not say");
        }
    }

    static final class Endless extends HashSet<Object> {

        private static final long serialVersionUID = 1L;

        private int looked;

        @Override
        public int size() {
            return Integer.MAX_VALUE;
        }

        @Override
        public java.util.Iterator<Object> iterator() {
            return new java.util.Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Object next() {
                    looked++;
                    return new Object();
                }
            };
        }
    }

    /** A list that counts how often any of its copies is looked at. */
    static final class Counted extends ArrayList<Object> {

        private static final long serialVersionUID = 1L;

        private int looked;
        private transient @Nullable Counted all;

        Counted copy() {
            Counted copy = new Counted();
            copy.all = this;
            return copy;
        }

        @Override
        public int size() {
            if (all != null) {
                all.looked++;
            }
            return 0;
        }
    }
}
