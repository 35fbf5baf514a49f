package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tinyllm.cache.codec.GraphComparison.Result;
import io.tinyllm.cache.codec.ValueCodec.Decoded;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Random graphs with sharing and cycles, and damaged bytes of them. {@code tinyllm.test.graphs} is how many, and
 * {@code tinyllm.test.seed} the seed of a run that failed.
 */
class RandomGraphsTests {

    private static final int COUNT = Integer.getInteger("tinyllm.test.graphs", 20_000);

    private final long seed = Long.getLong("tinyllm.test.seed", new Random().nextLong());
    private final ValueTypes types =
            new ValueTypes(Set.of("io.tinyllm.cache.codec."), getClass().getClassLoader());
    private final ValueCodec codec = new ValueCodec(types, ValueLimits.DEFAULT, List.of());

    @BeforeEach
    void tellTheSeed() {
        System.out.println("Random graphs by -Dtinyllm.test.seed=" + seed);
    }

    @Test
    void randomGraphsComeBackWholeOrAreRefused() {
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < COUNT; i++) {
            long each = random.nextLong();
            Object value = new RandomGraph(each).make();
            byte[] json;
            try {
                json = codec.encode("c", value).json();
            } catch (UnsupportedValueException e) {
                refused++;
                continue;
            }
            Decoded decoded = codec.decode("c", "", json);
            if (!decoded.ok()) {
                fail("seed %d, graph %d: %s of %s", seed, each, decoded.fault(), text(json));
            }
            GraphComparison comparison = GraphComparison.of(value, decoded.value());
            if (comparison.result() != Result.EXACT) {
                fail("seed %d, graph %d: %s in %s", seed, each, comparison.note(), text(json));
            }
        }
        assertThat(refused).isLessThan(COUNT / 3);
    }

    @Test
    void damagedBytesAreNoValueOrAnotherAndNeverAnError() {
        Random random = new Random(seed);
        for (int i = 0; i < COUNT / 10; i++) {
            byte[] json;
            try {
                json = codec.encode("c", new RandomGraph(random.nextLong()).make())
                        .json();
            } catch (UnsupportedValueException e) {
                continue;
            }
            for (int j = 0; j < 14; j++) {
                byte[] damaged = damaged(json, random);
                try {
                    codec.decode("c", "", damaged);
                } catch (Throwable e) {
                    fail("seed " + seed + ": " + e + " of " + text(damaged), e);
                }
            }
        }
    }

    private static byte[] damaged(byte[] json, Random random) {
        byte[] damaged = json.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> damaged = java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length + 1));
            case 2 -> {
                int from = random.nextInt(damaged.length);
                int to = random.nextInt(damaged.length);
                int length = random.nextInt(damaged.length - Math.max(from, to));
                System.arraycopy(json, from, damaged, to, length);
            }
            default ->
                damaged[random.nextInt(damaged.length)] = (byte) "[]{}\",:0123456789.#-e ".charAt(random.nextInt(22));
        }
        return damaged;
    }

    @Test
    void manyThreadsShareOneCodec() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            ValueCodec fresh = new ValueCodec(
                    new ValueTypes(Set.of("io.tinyllm.cache.codec."), getClass().getClassLoader()),
                    ValueLimits.DEFAULT,
                    List.of());
            List<String> kinds = ValueKindsTests.kinds();
            List<Callable<String>> tasks = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                int first = thread * 7;
                tasks.add(() -> {
                    for (int i = 0; i < 2 * kinds.size(); i++) {
                        String kind = kinds.get((first + i) % kinds.size());
                        Object value = ValueKindsTests.make(kind);
                        byte[] json;
                        try {
                            json = fresh.encode("c", value).json();
                        } catch (UnsupportedValueException e) {
                            continue;
                        }
                        Decoded decoded = fresh.decode("c", "", json);
                        if (!decoded.ok()
                                || GraphComparison.of(value, decoded.value()).result() == Result.DIFFERENT) {
                            return kind;
                        }
                    }
                    return "";
                });
            }
            for (Future<String> done : threads.invokeAll(tasks)) {
                assertThat(done.get()).isEmpty();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** In whatever order they come, which their identity decides. */
    @Test
    void aComparisonPairsThePartsThatAreMostAlike() {
        for (int i = 0; i < 100; i++) {
            Set<Object> value = new HashSet<>(List.of(new ArrayDeque<>(List.of(2)), new HashSet<>(List.of(2))));
            Set<Object> copy = new HashSet<>(List.of(new ArrayDeque<>(List.of(2)), new HashSet<>(List.of(2))));
            assertThat(GraphComparison.of(value, copy).result()).isEqualTo(Result.EXACT);
            copy.add(new HashSet<>(List.of(3)));
            value.add(new HashSet<>(List.of(4)));
            assertThat(GraphComparison.of(value, copy).result()).isEqualTo(Result.DIFFERENT);
        }
    }

    @Test
    void equalGraphsOfOneClassHaveOneForm() {
        Map<String, Object> map = Map.of("a", Kinds.sharedReferences());
        assertThat(codec.encode("c", map).json())
                .isEqualTo(codec.encode("c", map).json());
    }

    private static String text(byte[] json) {
        String text = new String(json, StandardCharsets.UTF_8);
        return text.length() > 2_000 ? text.substring(0, 2_000) : text;
    }
}
