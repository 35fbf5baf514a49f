package io.tinyllm.cache.codec;

import com.fasterxml.jackson.annotation.JsonBackReference;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIdentityInfo;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonIgnoreType;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonManagedReference;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.ObjectIdGenerators;
import java.io.Serializable;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Kinds of values that applications cache: each static method without parameters makes one. */
final class Kinds {

    private Kinds() {}

    // ---- annotations that the application means for its web API

    static class Account {
        String login;

        @JsonIgnore
        String hash;

        @JsonProperty(access = JsonProperty.Access.WRITE_ONLY)
        String pin;

        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        String id;

        @JsonIgnore
        Set<String> roles = new LinkedHashSet<>();
    }

    @JsonIgnoreProperties("password")
    static class IgnoredProperties {
        String name = "n";
        String password = "s";
    }

    record Meeting(
            String id,
            @JsonFormat(pattern = "yyyy-MM-dd HH:mm") LocalDateTime at,

            @JsonFormat(shape = JsonFormat.Shape.STRING, pattern = "yyyy-MM-dd'T'HH:mm:ssZ")
            ZonedDateTime zoned) {}

    static class Order {
        String id = "o";

        @JsonFormat(pattern = "yyyy-MM-dd HH:mm:ss", timezone = "GMT+8")
        Date createTime = new Date(1_700_000_000_123L);

        @JsonSetter(nulls = Nulls.AS_EMPTY)
        List<String> tags;
    }

    static class Valued {
        private final String v;

        Valued(String v) {
            this.v = v;
        }

        @JsonValue
        public String shown() {
            return v.substring(0, 1);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Valued from(String s) {
            return new Valued(s);
        }
    }

    static class Parent {
        String name = "p";

        @JsonManagedReference
        List<Kid> kids = new ArrayList<>();
    }

    static class Kid {
        String n = "k";

        @JsonBackReference
        Parent parent;
    }

    static class Inner {
        String a;

        Inner(String a) {
            this.a = a;
        }
    }

    static class Unwrapped {
        String name = "n";

        @JsonUnwrapped
        Inner inner = new Inner("i");
    }

    @JsonIgnoreType
    static class Hidden {
        String x = "x";
    }

    static class WithHidden {
        Hidden hidden = new Hidden();
    }

    static class Upper {
        String name = "abc";

        @JsonProperty("name")
        public String upperName() {
            return name.toUpperCase();
        }
    }

    record RecordIgnored(String name, @JsonIgnore String secret) {}

    @JsonIdentityInfo(generator = ObjectIdGenerators.PropertyGenerator.class, property = "id")
    static class Identified {
        Long id = 1L;
        Identified friend;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    static class NullsOut {
        String name;
        List<String> empty = new ArrayList<>();
    }

    enum Stateful {
        A(1),
        B(2);

        final int n;

        Stateful(int n) {
            this.n = n;
        }

        @JsonValue
        int n() {
            return n;
        }
    }

    static Account account() {
        Account account = new Account();
        account.login = "l";
        account.hash = "h";
        account.pin = "1";
        account.id = "77";
        account.roles.add("ADMIN");
        return account;
    }

    static IgnoredProperties ignoredProperties() {
        return new IgnoredProperties();
    }

    static Meeting formattedTimes() {
        return new Meeting(
                "m",
                LocalDateTime.of(2026, 11, 22, 10, 11, 12, 345_000_000),
                ZonedDateTime.of(2026, 11, 22, 10, 11, 12, 345_000_000, ZoneId.of("Europe/Paris")));
    }

    static Order formattedDate() {
        return new Order();
    }

    static Valued jsonValue() {
        return new Valued("abc");
    }

    static Kid backReference() {
        Parent parent = new Parent();
        Kid kid = new Kid();
        kid.parent = parent;
        parent.kids.add(kid);
        return kid;
    }

    static Parent managedReference() {
        return backReference().parent;
    }

    static Unwrapped unwrapped() {
        return new Unwrapped();
    }

    static WithHidden ignoredType() {
        return new WithHidden();
    }

    static Upper renamingGetter() {
        return new Upper();
    }

    static RecordIgnored recordWithIgnored() {
        return new RecordIgnored("n", "hash");
    }

    static Identified identityInfo() {
        Identified one = new Identified();
        one.friend = new Identified();
        return one;
    }

    static NullsOut nullsOut() {
        return new NullsOut();
    }

    static Stateful enumWithJsonValue() {
        return Stateful.B;
    }

    // ---- classes

    static class Base0 {
        private String id = "of the base";

        void id(String s) {
            id = s;
        }
    }

    static class Extended extends Base0 {
        private String id = "of the extension";
    }

    static class Dated {
        Date created;
    }

    static class Attributes extends LinkedHashMap<String, Object> {}

    record Device(String id, Attributes attributes) {}

    static class Names extends ArrayList<String> {
        String owner;
    }

    static class Counter extends HashMap<String, Integer> {
        int total;

        @Override
        public Integer put(String k, Integer v) {
            total += v;
            return super.put(k, v);
        }
    }

    static class Lru<K, V> extends LinkedHashMap<K, V> {
        private final int capacity;

        Lru(int capacity) {
            super(16, 0.75f, true);
            this.capacity = capacity;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > capacity;
        }
    }

    static class Cart {
        private final List<String> lines = new ArrayList<>();
        final List<String> view = java.util.Collections.unmodifiableList(lines);
    }

    static final class OneArgument {
        private final String text;

        OneArgument(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    static final class FinalConstants {
        private final String a = "constant";
        private final int n;

        FinalConstants(int n) {
            this.n = n;
        }
    }

    static final class Checked {
        private final int size;
        private final int[] data;

        Checked(int size) {
            if (size < 1) {
                throw new IllegalArgumentException("size");
            }
            this.size = size;
            data = new int[size];
            Arrays.fill(data, 7);
        }
    }

    record Rec(String name, Optional<String> maybe, Instant at, BigDecimal money) {}

    record User(String id, int age) {}

    record Validated(int low, int high) {
        Validated {
            if (low > high) {
                throw new IllegalArgumentException();
            }
        }
    }

    record Stamped(String a, long n) {
        Stamped {
            n = n + 1;
        }
    }

    record Swapped(String a, String b) {
        Swapped(String a, String b) {
            this.a = b;
            this.b = a;
        }
    }

    record Copying(List<String> l, Map<String, Integer> m) {
        Copying {
            l = List.copyOf(l);
            m = Map.copyOf(m);
        }
    }

    record CopyingArray(byte[] bytes) {
        CopyingArray {
            bytes = bytes.clone();
        }
    }

    record Normalized(String s, List<String> l) {
        Normalized {
            s = s.trim();
            l = List.copyOf(l);
        }
    }

    record Wide(long a, double b, long c, String d, double e, int f) {}

    static class WithMutex {
        String name = "n";
        private final Object mutex = new Object();
    }

    static class Mutable {
        int n;

        Mutable(int n) {
            this.n = n;
        }

        @Override
        public int hashCode() {
            return n;
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Mutable m && m.n == n;
        }
    }

    enum Color {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "green";
            }
        }
    }

    abstract static class Shape {
        String n = "s";
    }

    static class Circle extends Shape {
        double r = 2.5;
    }

    interface Animal {
        String name();
    }

    record Dog(String name) implements Animal {}

    record Zoo(Animal best, List<? extends Animal> all, Map<String, Animal> by) {}

    sealed interface Pay permits Card, Cash {}

    record Card(String no) implements Pay {}

    record Cash(int amount) implements Pay {}

    sealed interface Result<T> permits Ok, Err {}

    record Ok<T>(T value) implements Result<T> {}

    record Err<T>(String reason) implements Result<T> {}

    static class ApiResult<T> {
        int code;
        T data;
    }

    static class BaseBean<T> {
        T id;
        T other;
    }

    static class LongBean extends BaseBean<Long> {
        String name;
    }

    static class Loose {
        Number amount = new BigDecimal("1.50");
        Object any = List.of(1L, "x");
        CharSequence text = "abc";
        Comparable<?> comparable = 7;
        Iterable<?> iterable = new ArrayList<>(List.of(1));
        Serializable serializable = new ArrayList<>(List.of('c'));
    }

    static class Polluted {
        List<Long> numbers;
        List<User> users;
        List<Color> colors;
        List<int[]> arrays;
        Map<String, Double> map;
    }

    static class Node {
        String n;
        Node next;
        List<Node> peers = new ArrayList<>();
    }

    static class Shared {
        List<String> a = new ArrayList<>(List.of("x"));
        List<String> b = a;
        Inner i = new Inner("i");
        Inner j = i;
        Date d = new Date(5);
        Date e = d;
        StringBuilder s = new StringBuilder("s");
        StringBuilder t = s;
    }

    static class Author {
        String name = "a";
        Set<Book> books = new HashSet<>();
    }

    static class Book {
        String title;
        Author author;

        @Override
        public int hashCode() {
            return title.hashCode();
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Book b && b.title.equals(title);
        }
    }

    static class Trans {
        String name;
        transient String temp;
        transient List<String> made = new ArrayList<>();
    }

    static final class TypeSafe {
        static final TypeSafe ONE = new TypeSafe("one");
        private final String n;

        private TypeSafe(String n) {
            this.n = n;
        }
    }

    static class UsesTypeSafe {
        TypeSafe t = TypeSafe.ONE;
        TypeSafe u = new TypeSafe("another");
        Set<TypeSafe> in = new HashSet<>(Set.of(TypeSafe.ONE));
    }

    static class Outer {
        String o = "outer";

        class In {
            String i = "inner";
        }
    }

    static class Resolving {
        String v = "real";

        private Object writeReplace() {
            Resolving other = new Resolving();
            other.v = "replaced";
            return other;
        }

        private Object readResolve() {
            return writeReplace();
        }
    }

    static class WithLock {
        String name = "n";
        private final java.util.concurrent.locks.ReentrantLock lock = new java.util.concurrent.locks.ReentrantLock();
    }

    static class WithLambda {
        String name = "n";
        Supplier<String> s = () -> name;
    }

    static class WithThread {
        Thread t = Thread.currentThread();
    }

    static class Closing implements AutoCloseable {
        long address = 42;

        @Override
        public void close() {}
    }

    static class OddNames {
        String ArrayList = "a field called as a tag";
        String Integer = "b";
        OddNames other;
    }

    static Extended hiddenField() {
        Extended extended = new Extended();
        extended.id("7");
        return extended;
    }

    static Dated timestampInDate() {
        Dated dated = new Dated();
        Timestamp timestamp = new Timestamp(1_700_000_000_123L);
        timestamp.setNanos(123_456_789);
        dated.created = timestamp;
        return dated;
    }

    static Attributes mapClass() {
        Attributes attributes = new Attributes();
        attributes.put("count", 7L);
        attributes.put("price", new BigDecimal("12.50"));
        attributes.put("since", LocalDate.of(2026, 11, 22));
        return attributes;
    }

    static Device mapClassInRecord() {
        return new Device("d", mapClass());
    }

    static Names listClass() {
        Names names = new Names();
        names.owner = "o";
        names.add("a");
        return names;
    }

    static Counter overridingMapClass() {
        Counter counter = new Counter();
        counter.put("a", 2);
        counter.put("b", 3);
        return counter;
    }

    static Lru<String, Integer> leastRecentlyUsed() {
        Lru<String, Integer> lru = new Lru<>(3);
        for (String key : List.of("a", "b", "c", "d")) {
            lru.put(key, 1);
        }
        lru.get("b");
        return lru;
    }

    static Cart finalCollectionWithView() {
        Cart cart = new Cart();
        cart.lines.add("x");
        return cart;
    }

    static OneArgument oneArgument() {
        return new OneArgument("t");
    }

    static FinalConstants finalConstants() {
        return new FinalConstants(3);
    }

    static Checked checkedConstructor() {
        return new Checked(2);
    }

    static Rec record() {
        return new Rec("n", Optional.of("m"), Instant.EPOCH, new BigDecimal("1.50"));
    }

    static Wide wideRecord() {
        return new Wide(1L << 60, Double.MIN_VALUE, -1, "d", -0.0, 5);
    }

    static Validated validatedRecord() {
        return new Validated(1, 2);
    }

    static Normalized normalizedRecord() {
        return new Normalized(" s ", List.of("a"));
    }

    static Stamped recordThatChangesItsArguments() {
        return new Stamped("a", 1);
    }

    static Swapped recordThatSwapsItsArguments() {
        return new Swapped("a", "b");
    }

    static Copying recordThatCopies() {
        return new Copying(new ArrayList<>(List.of("a")), new HashMap<>(Map.of("k", 1)));
    }

    static CopyingArray recordThatCopiesAnArray() {
        return new CopyingArray(new byte[] {1, 2});
    }

    static WithMutex mutexField() {
        return new WithMutex();
    }

    static Set<Mutable> elementsMadeEqual() {
        Set<Mutable> set = new HashSet<>();
        Mutable a = new Mutable(1);
        Mutable b = new Mutable(2);
        set.add(a);
        set.add(b);
        b.n = 1;
        return set;
    }

    static Color enumWithBody() {
        return Color.GREEN;
    }

    static Shape abstractClass() {
        return new Circle();
    }

    static List<Shape> abstractList() {
        return List.of(new Circle());
    }

    static Zoo interfaces() {
        return new Zoo(new Dog("rex"), List.of(new Dog("b")), Map.of("c", new Dog("c")));
    }

    static List<Pay> sealedList() {
        return List.of(new Card("1"), new Cash(2));
    }

    static Result<User> sealedGeneric() {
        return new Ok<>(new User("a", 1));
    }

    static ApiResult<List<User>> genericEnvelope() {
        ApiResult<List<User>> result = new ApiResult<>();
        result.code = 200;
        result.data = users();
        return result;
    }

    static LongBean genericBase() {
        LongBean bean = new LongBean();
        bean.id = 5L;
        bean.other = 6L;
        bean.name = "n";
        return bean;
    }

    static Loose looseFields() {
        return new Loose();
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Polluted pollutedGenerics() {
        Polluted polluted = new Polluted();
        polluted.numbers = new ArrayList(Arrays.asList(1L, 2, "3", 4.5, true, null, List.of(5L), new ArrayList<>()));
        polluted.users =
                new ArrayList(Arrays.asList(new User("a", 1), 1, "x", new Card("c"), new User("b", 2), List.of(), 1.5));
        polluted.colors = new ArrayList(Arrays.asList(Color.RED, "RED", Stateful.A, 1, Color.GREEN));
        polluted.arrays = new ArrayList(Arrays.asList(new int[] {1}, "AAAA", new long[] {2}, new ArrayList<>()));
        polluted.map = new HashMap(Map.of("a", 1.5, "b", 1, "c", Double.NaN, "d", "NaN", "e", 2L));
        return polluted;
    }

    static Trans transientFields() {
        Trans trans = new Trans();
        trans.name = "n";
        trans.temp = "t";
        trans.made.add("m");
        return trans;
    }

    static UsesTypeSafe typeSafeConstant() {
        return new UsesTypeSafe();
    }

    static Outer.In innerClass() {
        return new Outer().new In();
    }

    static Resolving writeReplace() {
        return new Resolving();
    }

    static OddNames oddNames() {
        OddNames names = new OddNames();
        names.other = new OddNames();
        names.other.other = names;
        return names;
    }

    // ---- graphs

    static Node cycle() {
        Node a = new Node();
        Node b = new Node();
        a.n = "a";
        b.n = "b";
        a.next = b;
        b.next = a;
        a.peers.add(a);
        a.peers.add(b);
        return a;
    }

    static Shared sharedReferences() {
        return new Shared();
    }

    static Author bidirectionalHashSet() {
        Author author = new Author();
        for (String title : List.of("x", "y", "z")) {
            Book book = new Book();
            book.title = title;
            book.author = author;
            author.books.add(book);
        }
        return author;
    }

    static Book bidirectionalOtherSide() {
        return bidirectionalHashSet().books.iterator().next();
    }

    static List<Object> listOfItself() {
        List<Object> list = new ArrayList<>();
        list.add("x");
        list.add(list);
        return list;
    }

    static Map<String, Object> mapOfItself() {
        Map<String, Object> map = new HashMap<>();
        map.put("self", map);
        map.put("tree", new TreeMap<>(Map.of("up", map)));
        return map;
    }

    static Node longChain() {
        return chain(200);
    }

    static Node chain(int length) {
        Node first = new Node();
        Node node = first;
        for (int i = 0; i < length; i++) {
            node.n = "n" + i;
            node.next = new Node();
            node = node.next;
        }
        return first;
    }

    // ---- what is better refused

    static WithLock withLock() {
        return new WithLock();
    }

    static WithLambda withLambda() {
        return new WithLambda();
    }

    static WithThread withThread() {
        return new WithThread();
    }

    static Closing closeable() {
        return new Closing();
    }

    static Stream<String> stream() {
        return Stream.of("a");
    }

    static Object iterator() {
        return List.of("a").iterator();
    }

    static Throwable exception() {
        return new IllegalStateException("x", new RuntimeException("y"));
    }

    static Map<String, Integer> anonymousSubclass() {
        return new HashMap<>(Map.of("a", 1)) {
            @Override
            public Integer get(Object key) {
                return getOrDefault(key, 0);
            }
        };
    }

    static Object proxy() {
        return java.lang.reflect.Proxy.newProxyInstance(
                Kinds.class.getClassLoader(), new Class<?>[] {Animal.class}, (p, m, a) -> null);
    }

    static List<User> users() {
        return new ArrayList<>(List.of(new User("a", 1), new User("b", 2), new User("c", 3)));
    }

    static String shortText() {
        return "x";
    }
}
