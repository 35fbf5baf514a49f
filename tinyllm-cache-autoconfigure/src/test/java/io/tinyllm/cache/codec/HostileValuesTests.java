package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tinyllm.cache.codec.ValueCodec.Decoded;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes of an attacker: no class that is not allowed is loaded, and refusing them is cheap. */
class HostileValuesTests {

    private static final String RAN = "tinyllm.test.evil";

    static class Envelope {
        Object data;
    }

    public static class Evil {
        static {
            System.setProperty(RAN, "initialised");
        }

        String x = "x";

        @Override
        public int hashCode() {
            System.setProperty(RAN, "called");
            return 1;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Evil;
        }
    }

    public enum EvilEnum {
        A;

        EvilEnum() {
            System.setProperty(RAN, "initialised");
        }
    }

    static List<String> places() {
        return List.copyOf(valuesOfEvil().keySet());
    }

    private static Map<String, Object> valuesOfEvil() {
        Evil evil = new Evil();
        Envelope envelope = new Envelope();
        envelope.data = evil;
        Map<Object, Object> key = new HashMap<>();
        key.put(evil, "a");
        Map<String, Object> places = new LinkedHashMap<>();
        places.put("root", evil);
        places.put("field", envelope);
        places.put("element", new ArrayList<>(List.of(evil)));
        places.put("set", new HashSet<>(List.of(evil)));
        places.put("value of a map", new HashMap<>(Map.of("a", evil)));
        places.put("key of a map", key);
        places.put("element of an array", new Object[] {evil});
        places.put("array", new Evil[0]);
        places.put("enum", EvilEnum.A);
        places.put("class", new ArrayList<>(List.of(Evil.class)));
        places.put("class of an array", Evil[][].class);
        places.put("EnumSet", EnumSet.noneOf(EvilEnum.class));
        places.put("EnumMap", new java.util.EnumMap<EvilEnum, String>(EvilEnum.class));
        return places;
    }

    @ParameterizedTest
    @MethodSource("places")
    void aClassThatIsNotAllowedIsNeitherLoadedNorMade(String place) {
        ValueCodec writer =
                new ValueCodec(new ValueTypes(Set.of(), getClass().getClassLoader()), ValueLimits.DEFAULT, List.of());
        byte[] json = writer.encode("c", valuesOfEvil().get(place)).json();
        System.clearProperty(RAN);
        Watching loader = new Watching();
        ValueTypes types = new ValueTypes(Set.of(Envelope.class.getName()), loader);
        ValueCodec reader = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        Decoded decoded = reader.decode("c", Envelope.class.getName(), json);
        assertThat(decoded.fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
        assertThat(loader.asked).isEmpty();
        assertThat(System.getProperty(RAN)).isNull();
    }

    /** Loads the classes of this test anew, and tells which of the evil ones it was asked for. */
    private static final class Watching extends ClassLoader {

        private final List<String> asked = new ArrayList<>();

        Watching() {
            super(HostileValuesTests.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(HostileValuesTests.class.getName() + "$")) {
                return super.loadClass(name, resolve);
            }
            if (name.contains("Evil")) {
                asked.add(name);
            }
            Class<?> loaded = findLoadedClass(name);
            if (loaded != null) {
                return loaded;
            }
            try (InputStream code = getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = code.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    static Map<String, String> bombs() {
        Map<String, String> bombs = new LinkedHashMap<>();
        String colliding = colliding(50_000);
        for (String set : List.of("HashSet", "LinkedHashSet", "ConcurrentHashSet", "CopyOnWriteArraySet", "SetOf")) {
            bombs.put("colliding lists in a " + set, "{\"" + set + "\":[" + colliding + "]}");
        }
        String pairs = colliding.replace("],", "],1,") + ",1";
        for (String map : List.of("HashMap", "ConcurrentHashMap", "MapOf", "Hashtable", "Properties")) {
            bombs.put("colliding lists as keys of a " + map, "{\"" + map + "\":[" + pairs + "]}");
        }
        bombs.put("colliding lists in a newSetFromMap", "{\"newSetFromMap\":[\"HashMap\",[" + colliding + "]]}");
        bombs.put(
                "colliding numbers in a Hashtable",
                "{\"Hashtable\":["
                        + IntStream.range(0, 40_000)
                                .mapToObj(i -> i * 40_001L + ",1")
                                .collect(Collectors.joining(","))
                                .replaceAll("(\\d{10,}),", "{\"Long\":$1},")
                        + "]}");
        bombs.put(
                "many parts in a CopyOnWriteArraySet",
                "{\"CopyOnWriteArraySet\":["
                        + IntStream.range(0, 50_000).mapToObj(Integer::toString).collect(Collectors.joining(","))
                        + "]}");
        bombs.put("sets that double", doubling("{\"HashSet\":[", "]}", i -> "{\"#\":" + i + "}"));
        bombs.put(
                "lists that double, in a set",
                "{\"HashSet\":[" + doubling("[", "]", i -> "{\"#\":" + (i + 1) + "}") + "]}");
        bombs.put("a number of 300,000 digits", "9".repeat(300_000));
        bombs.put("a BigInteger of 300,000 digits", "{\"BigInteger\":\"" + "9".repeat(300_000) + "\"}");
        bombs.put("a BigDecimal of 300,000 digits", "{\"BigDecimal\":\"1." + "9".repeat(300_000) + "\"}");
        bombs.put("a Double of 300,000 digits", "{\"Double\":\"1." + "9".repeat(300_000) + "\"}");
        bombs.put("an exponent", "1e1000000000");
        bombs.put("deep lists", "[".repeat(1_000_000));
        bombs.put("deep sets", "{\"HashSet\":[".repeat(500_000));
        bombs.put("deep optionals", "{\"Optional\":[".repeat(500_000));
        bombs.put("a regular expression within itself", "{\"Pattern\":\"0," + "(".repeat(9_000) + "\"}");
        bombs.put("a reference ahead", "[{\"#\":7}]");
        bombs.put("a reference behind all", "{\"#\":-1}");
        bombs.put("a reference out of range", "{\"#\":99999999999}");
        bombs.put("a reference to what is being made", "{\"ListOf\":[{\"#\":0}]}");
        bombs.put("two tags", "{\"ArrayList\":[],\"ArrayList\":[]}");
        bombs.put("a tag within a tag", "{\"\":{\"\":{\"ArrayList\":[]}}}");
        bombs.put("no tag", "{}");
        bombs.put("an unknown tag", "{\"Nothing\":[]}");
        bombs.put("a long tag", "{\"" + "x.".repeat(24_000) + "\":{}}");
        bombs.put("a key without a value", "{\"HashMap\":[1]}");
        bombs.put("equal keys", "{\"HashMap\":[1,1,1,1]}");
        bombs.put("equal elements", "{\"TreeSet\":[null,[1,1]]}");
        bombs.put("no base64", "{\"int[]\":\"AAA\"}");
        bombs.put("half an int", "{\"int[]\":\"AAAA\"}");
        bombs.put("arrays of arrays", "{\"" + "int" + "[]".repeat(300) + "\":[]}");
        bombs.put("a comparator that is none", "{\"TreeSet\":[1,[1,2]]}");
        bombs.put("parts that cannot be compared", "{\"TreeSet\":[null,[1,\"a\"]]}");
        bombs.put("a capacity", "{\"LinkedBlockingQueue\":[-1,[]]}");
        bombs.put("many values", "[" + "1,".repeat(2_000_000) + "1]");
        return bombs;
    }

    /** Lists of two numbers with one hash code. */
    private static String colliding(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "[" + i + "," + -31 * i + "]")
                .collect(Collectors.joining(","));
    }

    /** Each holds the one before twice, so that hashing the last takes two to the power of their number. */
    private static String doubling(String open, String close, IntFunction<String> reference) {
        StringBuilder json = new StringBuilder("[");
        String inner = open + "1" + close;
        json.append(inner);
        for (int i = 1; i < 90; i++) {
            String before = reference.apply(i == 1 ? 1 : 2 * (i - 1));
            json.append(',').append(open).append(before).append(',');
            json.append(open).append("1,").append(before).append(close).append(close);
        }
        return json.append(']').toString();
    }

    static List<String> namesOfBombs() {
        return List.copyOf(bombs().keySet());
    }

    @ParameterizedTest
    @MethodSource("namesOfBombs")
    void aBombIsRefusedInTimeAndSpace(String name) {
        byte[] json = bombs().get(name).getBytes(StandardCharsets.UTF_8);
        ValueCodec codec =
                new ValueCodec(new ValueTypes(Set.of(), getClass().getClassLoader()), ValueLimits.DEFAULT, List.of());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long leastTime = Long.MAX_VALUE;
        long leastBytes = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long time = threads.getCurrentThreadCpuTime();
            long bytes = threads.getCurrentThreadAllocatedBytes();
            Decoded decoded = codec.decode("c", "", json);
            leastTime = Math.min(leastTime, threads.getCurrentThreadCpuTime() - time);
            leastBytes = Math.min(leastBytes, threads.getCurrentThreadAllocatedBytes() - bytes);
            assertThat(decoded.ok()).as(name).isFalse();
        }
        assertThat(leastTime / 1_000_000).as("milliseconds").isLessThan(5 * 50);
        assertThat(leastBytes >> 20).as("megabytes").isLessThan(5 * 16);
    }

    static List<String> namesOfInnerBombs() {
        // the numbers of objects are others there
        return bombs().keySet().stream()
                .filter(name -> !name.startsWith("a reference") && !name.contains("double"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("namesOfInnerBombs")
    void aBombWithinAnAllowedClassIsRefusedToo(String name) {
        ValueCodec codec = new ValueCodec(
                new ValueTypes(Set.of(Envelope.class.getName()), getClass().getClassLoader()),
                ValueLimits.DEFAULT,
                List.of());
        Envelope envelope = new Envelope();
        String json = new String(codec.encode("c", envelope).json(), StandardCharsets.UTF_8)
                .replace("null", bombs().get(name));
        assertThat(codec.decode("c", "", json.getBytes(StandardCharsets.UTF_8)).ok())
                .isFalse();
    }
}
