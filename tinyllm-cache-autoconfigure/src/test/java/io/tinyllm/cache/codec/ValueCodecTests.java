package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tinyllm.cache.codec.ValueCodec.Decoded;
import io.tinyllm.cache.codec.ValueCodec.Encoded;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class ValueCodecTests {

    enum Grade {
        LOW,
        HIGH {
            @Override
            public String toString() {
                return "the high one";
            }
        }
    }

    record User(long id, String name, Grade grade, Optional<String> mail, LocalDate born, byte[] photo, float score) {

        @Override
        public boolean equals(Object other) {
            return other instanceof User that
                    && id == that.id
                    && name.equals(that.name)
                    && grade == that.grade
                    && mail.equals(that.mail)
                    && born.equals(that.born)
                    && Arrays.equals(photo, that.photo)
                    && score == that.score;
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    sealed interface Shape permits Circle, Square, Round {}

    record Circle(double radius) implements Shape {}

    record Square(Long side) implements Shape {}

    sealed interface Round extends Shape permits Ellipse {}

    record Ellipse(double a, double b) implements Round {}

    record Drawing(List<Shape> shapes, Map<String, Shape> named, Shape first) {}

    record Page<T>(List<T> items, int number) {}

    record Open(Object any, Map<String, Object> attributes, List<?> list) {}

    static class Animal {
        protected String name = "";

        @Override
        public boolean equals(Object other) {
            return other != null && getClass() == other.getClass() && name.equals(((Animal) other).name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }
    }

    static final class Dog extends Animal {}

    /** Fields without accessors, no constructor for Jackson's taste, and a computed property. */
    static final class Plain {
        private int a;
        private Long b;

        public String getComputed() {
            return "computed";
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Plain that && a == that.a && b.equals(that.b);
        }

        @Override
        public int hashCode() {
            return a;
        }
    }

    static final class Unreadable {
        private final int a;

        Unreadable(String odd, Thread other) {
            this.a = odd.length() + other.getName().length();
        }

        int a() {
            return a;
        }
    }

    interface Methods {
        User user();

        List<User> users();

        Map<String, List<User>> byName();

        Optional<User> maybe();

        CompletableFuture<List<User>> later();

        Mono<User> mono();

        Flux<User> flux();

        Shape shape();

        List<Shape> shapes();

        Drawing drawing();

        Page<User> page();

        Page<Shape> shapePage();

        Map<Grade, Set<Long>> grades();

        Map<String, Object> document();

        List<? extends Animal> animals();

        Animal animal();

        Open open();

        User[] array();

        int number();

        Plain plain();

        Unreadable unreadable();

        Annotated annotated();

        Holder holder();

        TreeMap<String, Integer> tree();
    }

    static final User ANN =
            new User(1, "Ann", Grade.HIGH, Optional.empty(), LocalDate.of(2000, 2, 29), new byte[] {1, 2, -1}, 1.1f);
    static final User BOB = new User(
            1L << 60, "B\u00f6b \uD83D\uDE00", Grade.LOW, Optional.of("b@x"), LocalDate.MIN, new byte[0], Float.NaN);

    private final ValueTypes types = new ValueTypes(Set.of(), getClass().getClassLoader());
    private final ValueCodec codec = new ValueCodec(types, ValueLimits.DEFAULT, List.of());

    private void declare(String... methods) {
        for (String method : methods) {
            types.declare("c", returnType(method));
        }
    }

    static java.lang.reflect.Type returnType(String method) {
        try {
            Method found = Methods.class.getDeclaredMethod(method);
            return found.getGenericReturnType();
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    private Object roundTrip(Object value) {
        Encoded encoded = codec.encode("c", value);
        Decoded decoded = codec.decode("c", encoded.type(), encoded.json());
        assertThat(decoded.fault())
                .as("%s %s", encoded.type(), new String(encoded.json(), StandardCharsets.UTF_8))
                .isNull();
        return decoded.value();
    }

    static Stream<Object> jdkValues() {
        List<Object> withNull = new ArrayList<>(List.of(1L, "a"));
        withNull.add(null);
        Map<Object, Object> odd = new HashMap<>();
        odd.put(1L, 'c');
        odd.put(null, null);
        odd.put(List.of("k"), Map.of("x", 1));
        return Stream.of(
                "text",
                "",
                "\uD800",
                "a\uDC00\uD800b",
                "\u0000\u2028\uD83D\uDE00",
                "null",
                true,
                'c',
                (byte) -1,
                (short) 2,
                3,
                4L,
                Long.MIN_VALUE,
                1.1f,
                Float.NaN,
                1.1,
                -0.0,
                Double.MIN_VALUE,
                Double.POSITIVE_INFINITY,
                new BigInteger("123456789012345678901234567890"),
                new BigDecimal("1.00"),
                new BigDecimal("1E+3"),
                UUID.nameUUIDFromBytes(new byte[] {1}),
                URI.create("http://x/y?z"),
                Locale.CANADA_FRENCH,
                Grade.LOW.getClass() == Grade.class ? DayOfWeek.MONDAY : DayOfWeek.SUNDAY,
                TimeUnit.DAYS,
                LocalDate.MAX,
                LocalTime.of(1, 2, 3, 4),
                LocalDateTime.of(2020, 1, 1, 0, 0),
                Instant.ofEpochSecond(1, 123456789),
                OffsetDateTime.of(2020, 1, 1, 0, 0, 0, 1, ZoneOffset.ofHours(3)),
                ZonedDateTime.of(2020, 10, 25, 2, 30, 0, 0, ZoneId.of("Europe/Paris"))
                        .withLaterOffsetAtOverlap(),
                ZonedDateTime.of(2020, 10, 25, 2, 30, 0, 0, ZoneId.of("UTC")),
                Duration.ofNanos(-1),
                Period.of(1, -2, 3),
                Year.of(12345),
                YearMonth.of(2020, 2),
                ZoneId.of("Europe/Paris"),
                ZoneOffset.ofHours(2),
                Optional.of(1L),
                Optional.empty(),
                List.of(),
                Set.of(),
                Map.of(),
                List.of(1L, 2L),
                List.of(1, "a", 1.5f, List.of(Set.of(1L)), Map.of("a", Optional.of(LocalDate.EPOCH))),
                withNull,
                odd,
                Arrays.asList(1, 2L, null),
                Collections.singletonList(null),
                Collections.unmodifiableMap(new TreeMap<>(Map.of("a", 1L))),
                Set.of("a", 1, 1L),
                new TreeSet<>(Set.of(3, 1, 2)),
                new TreeMap<>(Map.of("b", 1L, "a", 2L)),
                Map.of(1L, "x", 2L, "y"),
                Stream.of(1L, 2f).toList(),
                new int[] {1, 2},
                new long[] {1L << 60},
                new byte[] {1, -1},
                new char[] {'a', 'b'},
                new double[] {Double.NaN, 1},
                new float[] {1.1f},
                new boolean[] {true},
                new String[] {"a", null},
                new int[][] {{1}, {}},
                new Object[] {1L, "a", null, new int[] {1}});
    }

    @ParameterizedTest
    @MethodSource("jdkValues")
    void valuesOfTheJdkNeedNoDeclaration(Object value) {
        Object copy = roundTrip(value);
        assertThat(Arrays.deepEquals(new Object[] {copy}, new Object[] {value}))
                .as("%s for %s", copy, value)
                .isTrue();
        if (!(value instanceof List || value instanceof Set || value instanceof Map)) {
            assertThat(copy).hasSameClassAs(value);
        }
    }

    @Test
    void nullIsAValue() {
        Encoded encoded = codec.encode("c", null);
        assertThat(codec.decode("c", encoded.type(), encoded.json())).isEqualTo(new Decoded(null, null));
    }

    @Test
    void declaredReturnTypesComeBackAsTheyWere() {
        declare("user", "users", "byName", "drawing", "page", "shapes", "grades", "array", "plain", "number", "tree");
        assertThat(roundTrip(ANN)).isEqualTo(ANN);
        assertThat(roundTrip(List.of(ANN, BOB)))
                .isInstanceOf(List.class)
                .asString()
                .contains("Ann");
        assertThat(((List<?>) roundTrip(List.of(ANN))).get(0)).isEqualTo(ANN);
        assertThat(roundTrip(Map.of("a", List.of(ANN)))).isEqualTo(Map.of("a", List.of(ANN)));
        assertThat(roundTrip(Collections.singletonList(null))).isEqualTo(Collections.singletonList(null));
        Drawing drawing = new Drawing(
                List.of(new Circle(1), new Square(2L), new Ellipse(1, 2)), Map.of("a", new Circle(3)), new Square(4L));
        assertThat(roundTrip(drawing)).isEqualTo(drawing);
        assertThat(roundTrip(new Page<>(List.of(ANN), 1))).isEqualTo(new Page<>(List.of(ANN), 1));
        assertThat(roundTrip(List.of(new Circle(1), new Ellipse(1, 2))))
                .isEqualTo(List.of(new Circle(1), new Ellipse(1, 2)));
        Map<Grade, Set<Long>> grades = new EnumMap<>(Map.of(Grade.HIGH, Set.of(1L, 2L)));
        assertThat(roundTrip(grades)).isEqualTo(grades);
        assertThat((User[]) roundTrip(new User[] {ANN, null})).containsExactly(ANN, null);
        Plain plain = new Plain();
        plain.a = 1;
        plain.b = 2L;
        assertThat(roundTrip(plain)).isEqualTo(plain);
        assertThat(roundTrip(7)).isEqualTo(7);
        assertThat(roundTrip(new TreeMap<>(Map.of("a", 1)))).isInstanceOf(TreeMap.class);
    }

    @Test
    void aSetKeepsItsOrder() {
        Set<Long> order = new LinkedHashSet<>(List.of(900L, 3L, 77L, 1L));
        assertThat(new ArrayList<>((Set<?>) roundTrip(order))).isEqualTo(new ArrayList<>(order));
        types.declare("c", new TypeOf<Set<Long>>() {}.get());
        assertThat(new ArrayList<>((Set<?>) roundTrip(order))).isEqualTo(new ArrayList<>(order));
    }

    abstract static class TypeOf<T> {
        java.lang.reflect.Type get() {
            return ((java.lang.reflect.ParameterizedType) getClass().getGenericSuperclass())
                    .getActualTypeArguments()[0];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"maybe", "later", "mono", "flux"})
    void wrappersAreDeclaredAsWhatTheyHold(String method) {
        declare(method);
        assertThat(roundTrip(method.equals("later") || method.equals("flux") ? List.of(ANN) : ANN))
                .isEqualTo(method.equals("later") || method.equals("flux") ? List.of(ANN) : ANN);
    }

    @Test
    void severalMethodsShareACache() {
        declare("users", "shapes", "shape", "user", "page", "shapePage");
        assertThat(roundTrip(List.of(ANN))).isEqualTo(List.of(ANN));
        assertThat(roundTrip(List.of(new Square(1L)))).isEqualTo(List.of(new Square(1L)));
        assertThat(roundTrip(new Circle(2))).isEqualTo(new Circle(2));
        assertThat(roundTrip(ANN)).isEqualTo(ANN);
        assertThat(roundTrip(List.of(ANN, new Circle(1)))).isEqualTo(List.of(ANN, new Circle(1)));
        assertThat(roundTrip(new Page<>(List.of(new Circle(1)), 1))).isEqualTo(new Page<>(List.of(new Circle(1)), 1));
    }

    @Test
    void whatNoMethodOfTheCacheReturnsIsNeitherWrittenNorRead() {
        Encoded text = codec.encode("c", "text");
        Encoded list = codec.encode("c", List.of("text"));
        declare("user", "number");
        assertThat(codec.decode("c", text.type(), text.json()).fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
        assertThat(codec.decode("c", list.type(), list.json()).fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
        assertThatExceptionOfType(UnsupportedValueException.class).isThrownBy(() -> codec.encode("c", "text"));
        assertThat(codec.decode("other", text.type(), text.json()).value()).isEqualTo("text");
    }

    @Test
    void whereTheStaticTypeSaysNothingTheValueNamesItsOwn() {
        declare("document", "open");
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("long", 5L);
        document.put("int", 5);
        document.put("float", 5f);
        document.put("date", LocalDate.EPOCH);
        document.put("list", List.of(1, 2L, Map.of("x", Grade.LOW.name())));
        document.put("null", null);
        assertThat(roundTrip(document)).isEqualTo(document);
        Open open = new Open(5L, document, List.of(1L, "a"));
        assertThat(roundTrip(open)).isEqualTo(open);
        assertThat(roundTrip(new Open(null, null, null))).isEqualTo(new Open(null, null, null));
        assertThat(roundTrip(new Open(ANN, Map.of("ann", ANN), List.of(ANN))))
                .isEqualTo(new Open(ANN, Map.of("ann", ANN), List.of(ANN)));
    }

    @Test
    void aSubclassIsNotMistakenForItsParent() {
        declare("animals", "animal");
        Dog dog = new Dog();
        dog.name = "Rex";
        assertThat(roundTrip(new Animal())).isEqualTo(new Animal());
        assertThat(roundTrip(dog)).isEqualTo(dog);
        assertThat(roundTrip(List.of(dog, new Animal()))).isEqualTo(List.of(dog, new Animal()));
    }

    record Holder(Animal animal, List<Animal> animals) {}

    @Test
    void aSubclassInAPropertyIsNotMistakenForItsParent() {
        declare("holder");
        Dog dog = new Dog();
        dog.name = "Rex";
        for (Holder holder : List.of(
                new Holder(new Animal(), List.of(new Animal(), dog)), new Holder(dog, List.of(dog, new Animal())))) {
            assertThat(roundTrip(holder)).isEqualTo(holder);
        }
    }

    @Test
    void classesThatAreNeitherDeclaredNorListedAreReadByWhoWroteThemAlone() {
        Encoded encoded = codec.encode("c", ANN);
        assertThat(codec.decode("c", encoded.type(), encoded.json()).value()).isEqualTo(ANN);
        ValueCodec other =
                new ValueCodec(new ValueTypes(Set.of(), getClass().getClassLoader()), ValueLimits.DEFAULT, List.of());
        assertThat(other.decode("c", encoded.type(), encoded.json()).fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
        for (String entry : List.of("io.tinyllm.cache.codec.", "io.tinyllm.cache.codec.ValueCodecTests$User")) {
            ValueCodec listed = new ValueCodec(
                    new ValueTypes(
                            Set.of(entry, Grade.class.getName()), getClass().getClassLoader()),
                    ValueLimits.DEFAULT,
                    List.of());
            assertThat(listed.decode("c", encoded.type(), encoded.json()).value())
                    .isEqualTo(ANN);
        }
    }

    @Test
    void whatHasNoStoredFormIsNotWritten() {
        declare("unreadable", "document", "open");
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> codec.encode("c", new Open(Map.of("t", Thread.currentThread()), null, null)))
                .withMessageContaining(Open.class.getName() + ".any[]: java.lang.Thread has no stored form");
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> codec.encode("c", new Open(Kinds.chain(1_000), null, null)))
                .withMessageContaining("nested too deeply");
        UnsupportedValueException refused = org.assertj.core.api.Assertions.catchThrowableOfType(
                UnsupportedValueException.class, () -> codec.encode("d", Kinds.withLock()));
        assertThat(refused.type()).isEqualTo(Kinds.WithLock.class.getName());
        assertThat(refused.reason())
                .isEqualTo(Kinds.WithLock.class.getName()
                        + ".lock: java.util.concurrent.locks.ReentrantLock has no stored form");
    }

    @Test
    void jsonThatIsNotWhatWasWrittenIsNoValue() {
        declare("shape", "user");
        Encoded circle = codec.encode("c", new Circle(1));
        String good = new String(circle.json(), StandardCharsets.UTF_8);
        String tag = good.substring(0, good.indexOf(':') + 1);
        assertThat(good).startsWith("{\"" + Circle.class.getName() + "#").endsWith("\":{\"radius\":1.0}}");
        for (String json : List.of(
                tag + "{}}",
                tag + "{\"radius\":null}}",
                tag + "{\"radius\":1}}",
                tag + "{\"radius\":1.0,\"colour\":1}}",
                tag + "{\"radius\":1.0,\"radius\":1.0}}",
                tag + "{\"diameter\":1.0}}",
                tag + "{\"radius\":1.0},\"more\":1}",
                good + " {}",
                tag + "[]}",
                tag + "null}",
                "",
                good.substring(0, good.length() - 1))) {
            assertThat(codec.decode("c", "", bytes(json)).fault()).as(json).isEqualTo(Fault.UNREADABLE);
        }
        String changed = good.replaceFirst("#.", "#-");
        assertThat(codec.decode("c", "", bytes(changed)).fault()).isEqualTo(Fault.CLASS_CHANGED);
        String unnamed = good.replaceFirst("#[^\"]*", "");
        assertThat(codec.decode("c", "", bytes(unnamed)).fault()).isEqualTo(Fault.CLASS_CHANGED);
        String constant = "{\"enum " + Grade.class.getName() + "\":\"LOWEST\"}";
        types.allow(Grade.class);
        assertThat(codec.decode("c", "", bytes(constant)).fault()).isEqualTo(Fault.CLASS_CHANGED);
    }

    static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    // ---- hostile input -------------------------------------------------------------------------------------------

    static final class Canary {
        static {
            System.setProperty("tinyllm.test.canary", "loaded");
        }

        public String command = "";
    }

    static final class KeyCanary {
        static {
            System.setProperty("tinyllm.test.key-canary", "loaded");
        }
    }

    record Annotated(Class<?> type) {}

    static Stream<String> gadgets() {
        return Stream.of(
                "io.tinyllm.cache.codec.ValueCodecTests$Canary",
                "io.tinyllm.cache.codec.ValueCodecTests$Canary[]",
                "[Lio.tinyllm.cache.codec.ValueCodecTests$Canary;",
                "java.util.List<io.tinyllm.cache.codec.ValueCodecTests$Canary>",
                "java.lang.ProcessBuilder",
                "java.lang.Runtime",
                "java.net.URL",
                "javax.swing.JEditorPane",
                "javax.script.ScriptEngineManager",
                "javax.management.BadAttributeValueExpException",
                "com.sun.rowset.JdbcRowSetImpl",
                "com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl",
                "org.springframework.context.support.ClassPathXmlApplicationContext",
                "org.springframework.beans.factory.config.PropertyPathFactoryBean",
                "org.springframework.aop.support.AbstractBeanFactoryPointcutAdvisor",
                "com.zaxxer.hikari.HikariConfig",
                "org.h2.jdbcx.JdbcDataSource",
                "ch.qos.logback.core.db.DriverManagerConnectionSource",
                "java.lang.String ",
                "java.lang.String\u0000",
                "[I",
                "",
                "..",
                "int[]" + "[]".repeat(300),
                "[]".repeat(1000),
                "x".repeat(100_000));
    }

    @ParameterizedTest
    @MethodSource("gadgets")
    void namesOutsideOfTheAllowListAreNeverResolved(String name) {
        declare("open", "document", "user");
        ValueCodec tricked = new ValueCodec(
                new ValueTypes(
                        Set.of("io.tinyllm.cache.codec.ValueCodecTests$Can", "io.tinyllm.cache.codec.Value."),
                        getClass().getClassLoader()),
                ValueLimits.DEFAULT,
                List.of());
        for (ValueCodec each : List.of(codec, tricked)) {
            for (String form : List.of("{%s:{}}", "{%s:{\"command\":\"x\"}}", "{%s:[]}", "{%s:\"x\"}", "[{%s:null}]")) {
                for (String prefix : List.of("", "enum ", "EnumSet ", "EnumMap ", "constant ", "stored ")) {
                    String json = form.formatted(quote(prefix + name));
                    assertThat(each.decode("d", name, bytes(json)).fault())
                            .as(json)
                            .isIn(Fault.TYPE_NOT_ALLOWED, Fault.UNREADABLE);
                }
            }
            String named = "{\"class\":" + quote(name) + "}";
            assertThat(each.decode("d", "", bytes(named)).ok()).as(named).isFalse();
        }
        assertThat(System.getProperty("tinyllm.test.canary")).isNull();
    }

    private static String quote(String name) {
        return '"' + name.replace("\u0000", "\\u0000") + '"';
    }

    @Test
    void aPackageDoesNotAllowThePackageThatItsNameBegins() {
        ValueTypes model = new ValueTypes(
                Set.of("com.acme.model.", "com.acme.Thing"), getClass().getClassLoader());
        assertThat(model.resolve("com.acme.modelevil.X")).isNull();
        assertThat(model.resolve("com.acme.Thing$Inner")).isNull();
        assertThat(model.resolve("com.acme.Things")).isNull();
        for (String bad : List.of("", ".", "..", "com..acme.", "com.acme*", "com.acme.model.*", "[Lcom.acme.X;")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ValueTypes(Set.of(bad), getClass().getClassLoader()));
        }
    }

    @Test
    void classesAsValuesAreKeptToTheAllowListToo() {
        declare("annotated");
        Encoded encoded = codec.encode("c", new Annotated(String.class));
        assertThat(roundTrip(new Annotated(String.class))).isEqualTo(new Annotated(String.class));
        String named = new String(encoded.json(), StandardCharsets.UTF_8)
                .replace("java.lang.String", "io.tinyllm.cache.codec.ValueCodecTests$Canary");
        assertThat(codec.decode("c", "", bytes(named)).fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
        assertThat(System.getProperty("tinyllm.test.canary")).isNull();
    }

    @Test
    void limitsHoldForReadingAndForWriting() {
        ValueCodec small = new ValueCodec(types, new ValueLimits(50, 1_000, 2_000), List.of());
        assertThat(small.decode("c", "", bytes("[".repeat(60) + "]".repeat(60))).fault())
                .isEqualTo(Fault.UNREADABLE);
        assertThat(small.decode("c", "", bytes('"' + "x".repeat(1_001) + '"')).fault())
                .isEqualTo(Fault.UNREADABLE);
        assertThat(small.decode("c", "", bytes("[" + "1,".repeat(10_000) + "1]"))
                        .fault())
                .isEqualTo(Fault.UNREADABLE);
        for (Object value : List.of(
                Collections.nCopies(1_000_000, "x"), "x".repeat(1_001), new byte[1_000], nested(60), new int[251])) {
            assertThatExceptionOfType(UnsupportedValueException.class).isThrownBy(() -> small.encode("c", value));
        }
        for (Object value : List.of(Collections.nCopies(400, "x"), "x".repeat(1_000), new byte[700], nested(49))) {
            Encoded encoded = small.encode("c", value);
            assertThat(small.decode("c", encoded.type(), encoded.json()).ok()).isTrue();
        }
    }

    private static List<Object> nested(int levels) {
        List<Object> list = new ArrayList<>();
        for (int i = 1; i < levels; i++) {
            list = new ArrayList<>(List.of(list));
        }
        return list;
    }

    @Test
    void randomBytesAreNeverAnException() {
        declare("users", "document", "drawing");
        Random random = new Random(5);
        String alphabet = "[]{}\",:0123456789.eE-+truefalsn \\u\u00e9";
        List<String> ids = List.of(
                "?",
                "null",
                "java.lang.String",
                "int[]",
                Drawing.class.getName(),
                "java.util.List<" + User.class.getName() + ">");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder json = new StringBuilder();
            for (int n = random.nextInt(40); n > 0; n--) {
                json.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            codec.decode("c", ids.get(i % ids.size()), bytes(json.toString()));
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            codec.decode("c", ids.get(i % ids.size()), noise);
        }
    }
}
