package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.GraphComparison.Result;
import io.tinyllm.cache.codec.ValueCodec.Decoded;
import io.tinyllm.cache.codec.ValueCodec.Encoded;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of value comes back as the same graph, or is refused with a reason; none comes back as another. */
class ValueKindsTests {

    /** Kinds without a stored form, each with a part of the reason. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("recordThatChangesItsArguments", "changes n"),
            Map.entry("recordThatSwapsItsArguments", "changes a"),
            Map.entry("elementsMadeEqual", "become equal"),
            Map.entry("withLock", "WithLock.lock: java.util.concurrent.locks.ReentrantLock has no stored form"),
            Map.entry("withLambda", "WithLambda.s: "),
            Map.entry("withThread", "java.lang.Thread has no stored form"),
            Map.entry("closeable", "can be closed"),
            Map.entry("stream", "has no stored form"),
            Map.entry("iterator", "has no stored form"),
            Map.entry("exception", "java.lang.IllegalStateException has no stored form"),
            Map.entry("anonymousSubclass", "a class within a method"),
            Map.entry("proxy", "made at run time"));

    /** Kinds of which a container comes back as another class of the JDK. */
    private static final Set<String> OTHER_CONTAINERS = Set.of();

    static List<String> kinds() {
        List<String> names = new ArrayList<>();
        for (Class<?> source : List.of(Kinds.class, LibraryKinds.class, JdkValueKinds.class)) {
            for (Method method : source.getDeclaredMethods()) {
                if (Modifier.isStatic(method.getModifiers())
                        && method.getParameterCount() == 0
                        && !method.isSynthetic()) {
                    names.add(source.getSimpleName() + "." + method.getName());
                }
            }
        }
        return names;
    }

    static Object make(String kind) throws ReflectiveOperationException {
        String[] parts = kind.split("\\.");
        Class<?> source = Class.forName("io.tinyllm.cache.codec." + parts[0]);
        Method method = source.getDeclaredMethod(parts[1]);
        method.setAccessible(true);
        return method.invoke(null);
    }

    private final ValueTypes types = new ValueTypes(Set.of(), getClass().getClassLoader());
    private final ValueCodec codec = new ValueCodec(types, ValueLimits.DEFAULT, List.of());

    @ParameterizedTest
    @MethodSource("kinds")
    void aKindComesBackWholeOrIsRefused(String kind) throws ReflectiveOperationException {
        Object value = make(kind);
        String name = kind.substring(kind.indexOf('.') + 1);
        Encoded encoded;
        try {
            encoded = codec.encode("c", value);
        } catch (UnsupportedValueException e) {
            assertThat(REFUSED).as(e.getMessage()).containsKey(name);
            assertThat(e.reason()).contains(REFUSED.get(name));
            return;
        }
        assertThat(REFUSED).as("is stored").doesNotContainKey(name);
        Decoded decoded = codec.decode("c", encoded.type(), encoded.json());
        String json = new String(encoded.json(), StandardCharsets.UTF_8);
        assertThat(decoded.fault()).as(json).isNull();
        GraphComparison comparison = GraphComparison.of(value, decoded.value());
        assertThat(comparison.result())
                .as("%s in %s", comparison.note(), json)
                .isEqualTo(
                        OTHER_CONTAINERS.contains(name) || name.startsWith("viewOf")
                                ? Result.OTHER_CONTAINER
                                : Result.EXACT);
    }

    @Test
    void manyKindsInOneValueComeBackToo() throws ReflectiveOperationException {
        Map<String, Object> all = new LinkedHashMap<>();
        for (String kind : new TreeSet<>(kinds())) {
            String name = kind.substring(kind.indexOf('.') + 1);
            if (!REFUSED.containsKey(name)) {
                all.put(kind, make(kind));
            }
        }
        Encoded encoded = codec.encode("c", all);
        Decoded decoded = codec.decode("c", encoded.type(), encoded.json());
        assertThat(decoded.fault()).isNull();
        assertThat(GraphComparison.of(all, decoded.value()).result()).isLessThanOrEqualTo(Result.OTHER_CONTAINER);
    }
}
