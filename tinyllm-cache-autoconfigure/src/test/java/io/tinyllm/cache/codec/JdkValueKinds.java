package io.tinyllm.cache.codec;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Odd values of every row of the table of the JDK's kinds: each static method makes one. */
final class JdkValueKinds {

    private JdkValueKinds() {}

    // ---- leaves

    static class Numbers {
        byte b = Byte.MIN_VALUE;
        short s = Short.MAX_VALUE;
        int i = Integer.MIN_VALUE;
        long l = Long.MAX_VALUE;
        float f = Float.MIN_VALUE;
        double d = 0.1 + 0.2;
        char c = '\uD800';
        boolean z = true;
        Byte bb = -1;
        Short ss = -2;
        Integer ii = 3;
        Long ll = Long.MIN_VALUE;
        Float ff = Float.NaN;
        Double dd = Double.NaN;
        Character cc = '\uDC00';
        Boolean zz = false;
        Float negativeZero = -0.0f;
        Double infinite = Double.NEGATIVE_INFINITY;
        float notANumber = Float.NaN;
        double positive = Double.POSITIVE_INFINITY;
        double zero = -0.0;
        Integer none;
    }

    static Numbers numbers() {
        return new Numbers();
    }

    static List<Object> numbersAlone() {
        return new ArrayList<>(Arrays.asList(
                (byte) 1,
                (short) 2,
                3,
                4L,
                5f,
                6.0,
                '7',
                true,
                Float.NaN,
                Double.NaN,
                -0.0,
                -0.0f,
                Double.MIN_VALUE,
                Double.MAX_VALUE,
                Float.MAX_VALUE,
                Long.MIN_VALUE,
                Integer.MIN_VALUE,
                1e22,
                1e-7));
    }

    static List<Float> floats() {
        Random random = new Random(7);
        return Stream.generate(() -> Float.intBitsToFloat(random.nextInt()))
                .limit(5_000)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    static List<Double> doubles() {
        Random random = new Random(8);
        return Stream.generate(() -> Double.longBitsToDouble(random.nextLong()))
                .limit(5_000)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    static List<Object> bigNumbers() {
        return List.of(
                new BigDecimal("1.50"),
                new BigDecimal("1E+3"),
                new BigDecimal("-0.00"),
                new BigDecimal("1E-2147483647"),
                new BigInteger("123456789012345678901234567890"),
                new BigInteger("9".repeat(4_500)));
    }

    static class Texts {
        String surrogate = "a\uD800b";
        String nul = "\0\u0001\u2028\"\\/";
        String emoji = "\uD83D\uDE00";
        String empty = "";
        List<String> in = List.of("\uDC00\uD800", "x");
        Map<String, String> keys = new HashMap<>(Map.of("\uD800", "\uDC00"));
    }

    static Texts texts() {
        return new Texts();
    }

    static class Times {
        Instant instant = Instant.parse("2026-01-02T03:04:05.123456789Z");
        Instant latest = Instant.MAX;
        Instant first = Instant.MIN;
        LocalDate date = LocalDate.of(2026, 2, 3);
        LocalDate minimum = LocalDate.MIN;
        LocalDate maximum = LocalDate.MAX;
        LocalTime time = LocalTime.of(1, 2, 3, 4);
        LocalTime midnight = LocalTime.MIDNIGHT;
        LocalDateTime both = LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6);
        OffsetDateTime offset = OffsetDateTime.parse("2026-01-02T03:04:05.6+02:00");
        OffsetTime offsetTime = OffsetTime.parse("03:04:05.6+02:00");
        ZonedDateTime later = ZonedDateTime.of(2026, 10, 25, 2, 30, 0, 1, ZoneId.of("Europe/Vienna"))
                .withLaterOffsetAtOverlap();
        ZonedDateTime earlier = ZonedDateTime.of(2026, 10, 25, 2, 30, 0, 1, ZoneId.of("Europe/Vienna"))
                .withEarlierOffsetAtOverlap();
        ZonedDateTime inOffset = ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneOffset.ofHoursMinutes(5, 45));
        Duration duration = Duration.ofSeconds(-3, 5);
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        Period period = Period.of(1, -2, 3);
        Year year = Year.of(12345);
        YearMonth yearMonth = YearMonth.of(-12345, 1);
        MonthDay leap = MonthDay.of(2, 29);
        ZoneId zone = ZoneId.of("Europe/Vienna");
        ZoneId asZone = ZoneOffset.ofHours(2);
        ZoneId prefixed = ZoneId.of("UTC+01:00");
        ZoneOffset seconds = ZoneOffset.ofHoursMinutesSeconds(1, 2, 3);
        DayOfWeek day = DayOfWeek.FRIDAY;
        Object any = LocalDate.EPOCH;
    }

    static Times times() {
        return new Times();
    }

    static List<Object> dates() {
        Timestamp timestamp = new Timestamp(-1);
        timestamp.setNanos(123_456_789);
        return List.of(
                timestamp,
                new Timestamp(5),
                new Date(-5),
                java.sql.Date.valueOf("2026-01-02"),
                java.sql.Time.valueOf("01:02:03"),
                new Date(Long.MAX_VALUE));
    }

    static List<Object> calendars() {
        GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone("Europe/Vienna"), Locale.GERMANY);
        calendar.setTimeInMillis(123456789);
        calendar.setLenient(false);
        GregorianCalendar julian = new GregorianCalendar(TimeZone.getTimeZone("UTC"), Locale.US);
        julian.setGregorianChange(new Date(Long.MAX_VALUE));
        return List.of(calendar, julian, TimeZone.getTimeZone("Europe/Vienna"), TimeZone.getTimeZone("GMT+02:30"));
    }

    static class Small {
        UUID uuid = new UUID(1, 2);
        URI uri = URI.create("http://a/b?c=d#e");
        URI opaque = URI.create("urn:x:y");
        Locale locale = Locale.forLanguageTag("de-AT");
        Locale extended = Locale.forLanguageTag("th-TH-u-ca-buddhist-nu-thai");
        Currency currency = Currency.getInstance("EUR");
        BitSet bits = BitSet.valueOf(new long[] {5, 0, 1L << 63});
        BitSet noBits = new BitSet(1000);
        Class<?> type = String.class;
        Class<?> primitive = int[][].class;
        Class<?> own = Kinds.User[].class;
        Pattern pattern = Pattern.compile("a+,\\d", Pattern.CASE_INSENSITIVE);
        AtomicLong atomicLong = new AtomicLong(Long.MIN_VALUE);
        AtomicInteger atomicInteger = new AtomicInteger(-3);
        AtomicBoolean atomicBoolean = new AtomicBoolean(true);
        AtomicReference<Object> reference = new AtomicReference<>(5L);
        AtomicReference<Object> empty = new AtomicReference<>();
        StringBuilder builder = new StringBuilder("sb");
        StringBuffer buffer = new StringBuffer("\uD83D\uDE00");
        Charset charset = StandardCharsets.UTF_8;
        Charset other = Charset.forName("windows-1252");
        File file = new File("a/b", "c");
        File noFile = new File("");
        Path path = Path.of("a", "..", "b c");
        Path root = Path.of("/");
        RoundingMode rounding = RoundingMode.HALF_EVEN;
        TimeUnit unit = TimeUnit.DAYS;
        Object any = StandardCharsets.ISO_8859_1;
    }

    static Small small() {
        Small small = new Small();
        small.reference.set(small);
        return small;
    }

    static List<InetAddress> addresses() throws UnknownHostException {
        return List.of(
                InetAddress.getByAddress(new byte[] {1, 2, 3, 4}),
                InetAddress.getByAddress("host.example", new byte[] {1, 2, 3, 4}),
                InetAddress.getByAddress("six", new byte[16]),
                Inet6Address.getByAddress(null, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7}));
    }

    static class Optionals {
        Optional<String> present = Optional.of("x");
        Optional<String> empty = Optional.empty();
        Optional<Optional<Long>> nested = Optional.of(Optional.of(1L));
        Optional<Object> emptyInside = Optional.of(Optional.empty());
        OptionalInt i = OptionalInt.of(Integer.MIN_VALUE);
        OptionalLong l = OptionalLong.empty();
        OptionalDouble d = OptionalDouble.of(Double.NaN);
        OptionalDouble none = OptionalDouble.empty();
    }

    static Optionals optionals() {
        return new Optionals();
    }

    // ---- arrays

    static class ArraysOfAll {
        byte[] b = {1, -2};
        short[] s = {3, Short.MIN_VALUE};
        int[] i = {4, Integer.MIN_VALUE};
        long[] l = {5L, Long.MAX_VALUE};
        float[] f = {Float.NaN, 1.1f, -0.0f};
        double[] d = {0.1 + 0.2, Double.NEGATIVE_INFINITY, -0.0};
        char[] c = {'x', '\uD800'};
        boolean[] z = {true, false};
        byte[] none = {};
        String[] t = {"a", null, "\uD800"};
        int[][] m = {{1}, {}, null};
        Object[] o = {1, "x", 2L, new BigDecimal("1.50"), null, new int[] {1}};
        Kinds.User[] users = {new Kinds.User("a", 1), null};
        Kinds.Shape[] shapes = {new Kinds.Circle()};
        Number[] n = {1, 2L, 3.0f};
        Object asObject = new Integer[] {1, null};
        Object lists = new List<?>[] {List.of(1), null};
        LocalDate[] dates = {LocalDate.EPOCH};
        Kinds.Color[][] colors = {{Kinds.Color.RED, Kinds.Color.GREEN}, null};
    }

    static ArraysOfAll arrays() {
        return new ArraysOfAll();
    }

    static float[] embedding() {
        float[] vector = new float[1536];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) Math.sin(i);
        }
        return vector;
    }

    // ---- lists and queues

    static List<Object> listsAndQueues() {
        LinkedBlockingQueue<Object> bounded = new LinkedBlockingQueue<>(5);
        bounded.add(1);
        return Stream.of(
                        new ArrayList<>(),
                        new LinkedList<>(),
                        new ArrayDeque<>(),
                        new Vector<>(),
                        new Stack<>(),
                        new CopyOnWriteArrayList<>(),
                        new ConcurrentLinkedQueue<>(),
                        new ConcurrentLinkedDeque<>(),
                        new LinkedBlockingQueue<>(),
                        new LinkedBlockingDeque<>(),
                        new LinkedTransferQueue<>())
                .flatMap(empty -> {
                    Collection<Object> full = filled(empty.getClass());
                    return Stream.of(empty, full);
                })
                .collect(Collectors.toCollection(ArrayList::new));
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> filled(Class<?> type) {
        try {
            Collection<Object> collection =
                    (Collection<Object>) type.getDeclaredConstructor().newInstance();
            collection.add(new Kinds.User("a", 1));
            collection.add(2L);
            collection.add(new ArrayList<>(List.of(1)));
            return collection;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static List<Object> fixedLists() {
        List<Object> lists = new ArrayList<>(List.of(
                List.of(),
                List.of(1),
                List.of(1, 2),
                List.of(1, 2, 3),
                Collections.emptyList(),
                Collections.singletonList(7L),
                Collections.nCopies(3, "x"),
                Collections.nCopies(0, "x"),
                Stream.of(1, 2).toList(),
                Arrays.asList("a", null),
                Arrays.asList(),
                Arrays.asList(1, "x")));
        lists.add(Collections.singletonList(null));
        lists.add(Stream.of(1, null).toList());
        lists.add(Collections.nCopies(2, new Kinds.User("n", 1)));
        return lists;
    }

    static List<Object> viewOfLists() {
        List<Integer> list = new ArrayList<>(List.of(1, 2, 3));
        Map<String, Integer> linked = new LinkedHashMap<>(Map.of("a", 1));
        return List.of(
                list.subList(0, 2),
                new LinkedList<>(list).subList(1, 2),
                List.of(1, 2, 3, 4).subList(1, 3),
                linked.values(),
                new TreeMap<>(linked).values(),
                new HashMap<>(linked).values(),
                new ConcurrentHashMap<>(linked).values());
    }

    // ---- sets and maps

    static List<Object> sets() {
        Set<Object> keys = ConcurrentHashMap.newKeySet();
        keys.add("a");
        Set<Object> identity = Collections.newSetFromMap(new IdentityHashMap<>());
        identity.add(new Kinds.User("a", 1));
        identity.add(new Kinds.User("a", 1));
        Set<Object> ofMap = Collections.newSetFromMap(new ConcurrentHashMap<>());
        ofMap.add(new Kinds.User("a", 1));
        return new ArrayList<>(Arrays.asList(
                new HashSet<>(),
                new HashSet<>(Arrays.asList(1L, null, "x")),
                new LinkedHashSet<>(List.of("z", "a", "m")),
                new CopyOnWriteArraySet<>(List.of(3, 1, 2)),
                keys,
                identity,
                ofMap,
                Set.of(),
                Set.of(1),
                Set.of(1, 2),
                Set.of(new Kinds.User("a", 1), new Kinds.User("b", 2), 3L),
                Collections.emptySet(),
                Collections.singleton(null),
                new HashSet<>(List.of(new HashSet<>(List.of(1)), Set.of(2), List.of(3)))));
    }

    static List<Object> maps() {
        Map<Object, Object> odd = new HashMap<>();
        odd.put(null, null);
        odd.put(1L, 'c');
        odd.put("1", 1);
        odd.put(new Kinds.User("k", 1), Kinds.Color.RED);
        odd.put(List.of("k"), Map.of("x", 1));
        Properties properties = new Properties();
        properties.setProperty("a", "b");
        Map<Object, Object> identity = new IdentityHashMap<>();
        identity.put(new Kinds.User("a", 1), 1);
        identity.put(new Kinds.User("a", 1), 2);
        return new ArrayList<>(Arrays.asList(
                odd,
                new HashMap<>(),
                new LinkedHashMap<>(Map.of("a", 1)),
                new Hashtable<>(Map.of("a", 1, "b", 2L)),
                new ConcurrentHashMap<>(Map.of("a", new Kinds.User("a", 1))),
                properties,
                identity,
                Map.of(),
                Map.of("a", 1),
                Map.of("a", 1, "b", new ArrayList<>()),
                Collections.emptyMap(),
                Collections.singletonMap(null, null),
                Map.of(new Kinds.User("a", 1), "x", 2, "y")));
    }

    static List<Map<Integer, String>> ordersOfAccess() {
        List<Map<Integer, String>> maps = new ArrayList<>();
        for (boolean byAccess : new boolean[] {true, false}) {
            for (int size : new int[] {0, 1, 2, 5}) {
                Map<Integer, String> map = new LinkedHashMap<>(16, 0.75f, byAccess);
                for (int i = 0; i < size; i++) {
                    map.put(i, "v" + i);
                }
                if (size > 1) {
                    map.get(0);
                }
                maps.add(map);
            }
        }
        return maps;
    }

    static List<Object> viewOfMaps() {
        Map<String, Integer> linked = new LinkedHashMap<>();
        linked.put("b", 2);
        linked.put("a", 1);
        TreeMap<String, Integer> tree = new TreeMap<>(linked);
        tree.put("c", 3);
        return List.of(
                linked.keySet(),
                new HashMap<>(linked).keySet(),
                tree.keySet(),
                linked.entrySet(),
                tree.entrySet(),
                new HashMap<>(linked).entrySet(),
                tree.headMap("b", true),
                tree.descendingMap(),
                tree.descendingKeySet(),
                new ConcurrentHashMap<>(linked).entrySet(),
                linked.entrySet().iterator().next(),
                tree.firstEntry(),
                new ConcurrentSkipListMap<>(linked).keySet(),
                Collections.unmodifiableMap(linked).entrySet());
    }

    static List<Object> entries() {
        return List.of(
                Map.entry("a", 1),
                new AbstractMap.SimpleEntry<>("a", null),
                new AbstractMap.SimpleImmutableEntry<>(null, new Kinds.User("a", 1)));
    }

    static Object enumContainers() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("none", EnumSet.noneOf(Kinds.Color.class));
        all.put("all", EnumSet.allOf(Kinds.Color.class));
        all.put("empty", new EnumMap<Kinds.Color, Integer>(Kinds.Color.class));
        all.put("body", new EnumMap<>(Map.of(Kinds.Color.GREEN, 1)));
        all.put("days", new EnumMap<>(Map.of(DayOfWeek.FRIDAY, List.of(1L))));
        all.put("units", EnumSet.of(TimeUnit.DAYS));
        all.put("in map", Map.of(Kinds.Color.RED, 1));
        return all;
    }

    // ---- sorted

    static List<Object> sorted() {
        TreeMap<String, Integer> reverse = new TreeMap<>(Comparator.reverseOrder());
        reverse.put("a", 1);
        reverse.put("b", 2);
        TreeMap<String, Integer> ignoringCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        ignoringCase.put("a", 1);
        ignoringCase.put("B", 2);
        TreeSet<String> reversedIgnoringCase = new TreeSet<>(Collections.reverseOrder(String.CASE_INSENSITIVE_ORDER));
        reversedIgnoringCase.addAll(List.of("a", "B"));
        TreeSet<String> nulls = new TreeSet<>(Comparator.nullsFirst(Comparator.naturalOrder()));
        nulls.add(null);
        nulls.add("a");
        TreeSet<String> nullsLast = new TreeSet<>(Comparator.nullsLast(String.CASE_INSENSITIVE_ORDER));
        nullsLast.add(null);
        nullsLast.add("a");
        TreeMap<Kinds.User, Integer> own = new TreeMap<>(new ByAge(true));
        own.put(new Kinds.User("a", 1), 1);
        own.put(new Kinds.User("b", 2), 2);
        PriorityQueue<Integer> queue = new PriorityQueue<>(Comparator.reverseOrder());
        queue.addAll(List.of(3, 1, 2, 9, 5, 7));
        queue.poll();
        return List.of(
                reverse,
                ignoringCase,
                reversedIgnoringCase,
                nulls,
                nullsLast,
                own,
                queue,
                new TreeMap<>(),
                new TreeSet<>(List.of(3, 1, 2)),
                new ConcurrentSkipListMap<>(reverse),
                new ConcurrentSkipListSet<>(List.of("x", "a")),
                new PriorityQueue<>(List.of(3, 1, 2)),
                new PriorityBlockingQueue<>(List.of(3, 1, 2)),
                Comparator.naturalOrder(),
                Collections.reverseOrder(),
                String.CASE_INSENSITIVE_ORDER,
                new TreeSet<>(Comparator.naturalOrder()));
    }

    record ByAge(boolean up) implements Comparator<Kinds.User> {
        @Override
        public int compare(Kinds.User a, Kinds.User b) {
            return up ? Integer.compare(a.age(), b.age()) : Integer.compare(b.age(), a.age());
        }
    }

    // ---- wrappers

    static List<Object> wrappers() {
        TreeMap<String, Integer> ignoringCase = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        ignoringCase.put("Content-Type", 1);
        List<Object> shared = new ArrayList<>(List.of(1));
        Deque<Object> deque = new ArrayDeque<>(List.of(1, 2));
        String[] array = {"a"};
        return new ArrayList<>(List.of(
                Collections.unmodifiableMap(ignoringCase),
                Collections.unmodifiableSet(ignoringCase.navigableKeySet()),
                shared,
                Collections.unmodifiableList(shared),
                Collections.synchronizedList(shared),
                Collections.unmodifiableList(new LinkedList<>(shared)),
                Collections.unmodifiableCollection(shared),
                Collections.unmodifiableSet(new LinkedHashSet<>(List.of("z", "a"))),
                Collections.unmodifiableSortedSet(new TreeSet<>(Set.of(1, 2))),
                Collections.unmodifiableSortedMap(ignoringCase),
                Collections.unmodifiableNavigableMap(ignoringCase),
                Collections.unmodifiableNavigableSet(new TreeSet<>(Set.of(1, 2))),
                Collections.synchronizedMap(new LinkedHashMap<>(Map.of("a", 1))),
                Collections.synchronizedSet(new HashSet<>(Set.of(1))),
                Collections.synchronizedSortedMap(ignoringCase),
                Collections.synchronizedCollection(new ArrayList<>(List.of(1))),
                Collections.asLifoQueue(deque),
                deque,
                array,
                Arrays.asList(array),
                Collections.checkedList(new ArrayList<>(List.of("a")), String.class),
                Collections.checkedSet(new HashSet<>(Set.of(1)), Integer.class),
                Collections.emptySortedMap(),
                Collections.emptySortedSet(),
                Collections.synchronizedList(new LinkedList<>(List.of(1)))));
    }

    // ---- objects

    static List<Object> plainObjects() {
        Object one = new Object();
        return new ArrayList<>(List.of(one, new Object(), one));
    }
}
