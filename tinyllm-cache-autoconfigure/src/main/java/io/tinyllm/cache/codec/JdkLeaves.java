package io.tinyllm.cache.codec;

import java.io.File;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Currency;
import java.util.GregorianCalendar;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TimeZone;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's classes whose objects have no parts, each with a text of its own. Those of {@code java.sql} only where that
 * is.
 */
final class JdkLeaves {

    /** Digits beyond which numbers are refused, since the JDK needs their square to read them. */
    private static final int MOST_DIGITS = 5_000;

    private static final int LONGEST_PATTERN = 10_000;

    private static final Map<Class<?>, Leaf> BY_CLASS = new HashMap<>();
    private static final Map<String, Leaf> BY_TAG = new HashMap<>();

    /** Declared types whose objects are of one hidden class. */
    private static final Map<Class<?>, Class<?>> IMPLEMENTATIONS = Map.of(
            ZoneId.class, ZoneId.of("Europe/Vienna").getClass(),
            TimeZone.class, TimeZone.getTimeZone("Europe/Vienna").getClass(),
            Path.class, Path.of("").getClass(),
            Calendar.class, GregorianCalendar.class);

    static {
        for (Leaf leaf : Arrays.asList(
                NaturalLeaves.TEXT,
                NaturalLeaves.INTEGER,
                NaturalLeaves.DOUBLE,
                NaturalLeaves.FLOAT,
                NaturalLeaves.BOOLEAN,
                new Leaf.Whole<>("Long", Long.class, Long::valueOf),
                new Leaf.Whole<>("Short", Short.class, n -> (short) within(n, Short.MIN_VALUE, Short.MAX_VALUE)),
                new Leaf.Whole<>("Byte", Byte.class, n -> (byte) within(n, Byte.MIN_VALUE, Byte.MAX_VALUE)),
                Leaf.Text.of("Character", Character.class, c -> Integer.toHexString(c), JdkLeaves::character))) {
            add(leaf);
        }
        add(Leaf.Text.of("BigInteger", BigInteger.class, JdkLeaves::digits, s -> new BigInteger(digits(s))));
        add(Leaf.Text.of("BigDecimal", BigDecimal.class, JdkLeaves::digits, s -> new BigDecimal(digits(s))));
        add(Leaf.Text.of("UUID", UUID.class, UUID::toString, UUID::fromString).compared());
        add(Leaf.Text.of("URI", URI.class, URI::toString, URI::create).compared());
        add(Leaf.Text.of("Locale", Locale.class, Locale::toLanguageTag, Locale::forLanguageTag)
                .compared());
        add(Leaf.Text.of("Currency", Currency.class, Currency::getCurrencyCode, Currency::getInstance));
        add(Leaf.Text.of("Pattern", Pattern.class, JdkLeaves::pattern, JdkLeaves::pattern)
                .compared((a, b) -> a.flags() == b.flags() && a.pattern().equals(b.pattern())));
        add(Leaf.Text.of(
                        "BitSet",
                        BitSet.class,
                        b -> HexFormat.of().formatHex(b.toByteArray()),
                        s -> BitSet.valueOf(HexFormat.of().parseHex(s)))
                .mutable());
        add(Leaf.Text.of("StringBuilder", StringBuilder.class, StringBuilder::toString, StringBuilder::new)
                .compared((a, b) -> a.compareTo(b) == 0)
                .mutable());
        add(Leaf.Text.of("StringBuffer", StringBuffer.class, StringBuffer::toString, StringBuffer::new)
                .compared((a, b) -> a.compareTo(b) == 0)
                .mutable());
        add(Leaf.Text.of("AtomicLong", AtomicLong.class, AtomicLong::toString, s -> new AtomicLong(Long.parseLong(s)))
                .mutable());
        add(Leaf.Text.of(
                        "AtomicInteger",
                        AtomicInteger.class,
                        AtomicInteger::toString,
                        s -> new AtomicInteger(Integer.parseInt(s)))
                .mutable());
        add(Leaf.Text.of(
                        "AtomicBoolean",
                        AtomicBoolean.class,
                        AtomicBoolean::toString,
                        s -> new AtomicBoolean(Boolean.parseBoolean(s)))
                .mutable());
        add(Leaf.Text.of("LongAdder", LongAdder.class, LongAdder::toString, s -> {
                    LongAdder adder = new LongAdder();
                    adder.add(Long.parseLong(s));
                    return adder;
                })
                .mutable());
        add(Leaf.Text.of(
                "OptionalInt",
                OptionalInt.class,
                o -> o.isPresent() ? Integer.toString(o.getAsInt()) : "",
                s -> s.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(s))));
        add(Leaf.Text.of(
                "OptionalLong",
                OptionalLong.class,
                o -> o.isPresent() ? Long.toString(o.getAsLong()) : "",
                s -> s.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(s))));
        add(Leaf.Text.of(
                "OptionalDouble",
                OptionalDouble.class,
                o -> o.isPresent() ? Double.toString(o.getAsDouble()) : "",
                s -> s.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(s))));
        add(Leaf.Text.of("File", File.class, File::getPath, File::new).compared());
        add(Leaf.Text.of("Path", Path.class, JdkLeaves::path, Path::of).compared());
        add(Leaf.Text.of("Charset", Charset.class, Charset::name, Charset::forName)
                .compared());
        add(Leaf.Text.of("InetAddress", InetAddress.class, JdkLeaves::address, JdkLeaves::address)
                .compared((a, b) -> a.equals(b) && a.toString().equals(b.toString())));
        TimeLeaves.all().forEach(JdkLeaves::add);
        BY_TAG.put(NaturalLeaves.CHARS.tag(), NaturalLeaves.CHARS);
        alias(TimeZone.class);
        alias(ZoneId.class);
        alias(Path.class);
        alias(Calendar.class);
        BY_CLASS.put(Inet4Address.class, leaf(InetAddress.class));
        BY_CLASS.put(Inet6Address.class, leaf(InetAddress.class));
    }

    private JdkLeaves() {}

    /** The form of this class; null if its objects have parts or none. */
    static @Nullable Leaf of(Class<?> type) {
        Leaf leaf = BY_CLASS.get(type);
        return leaf == null && Charset.class.isAssignableFrom(type) && JdkClasses.isJdk(type)
                ? leaf(Charset.class)
                : leaf;
    }

    static Map<String, Leaf> byTag() {
        return BY_TAG;
    }

    /** The one class whose objects stand where this type is declared; null if there is no such class. */
    static @Nullable Class<?> implementation(Class<?> declared) {
        return IMPLEMENTATIONS.get(declared);
    }

    private static void add(Leaf leaf) {
        BY_CLASS.put(leaf.type(), leaf);
        BY_TAG.put(leaf.tag(), leaf);
    }

    private static Leaf leaf(Class<?> type) {
        Leaf leaf = BY_CLASS.get(type);
        if (leaf == null) {
            throw new IllegalStateException(type.getName());
        }
        return leaf;
    }

    private static void alias(Class<?> declared) {
        Class<?> implementation = IMPLEMENTATIONS.get(declared);
        if (implementation != null) {
            BY_CLASS.put(implementation, leaf(declared));
        }
    }

    private static long within(long number, long least, long most) {
        if (number < least || number > most) {
            throw new UnreadableException("a number out of range");
        }
        return number;
    }

    private static Character character(String hexadecimal) {
        return (char) within(Integer.parseInt(hexadecimal, 16), 0, Character.MAX_VALUE);
    }

    private static String digits(BigInteger number) {
        if (number.bitLength() > MOST_DIGITS * 3.3) {
            throw new Refusal("a number of more than " + MOST_DIGITS + " digits");
        }
        return number.toString();
    }

    private static String digits(BigDecimal number) {
        if (number.precision() > MOST_DIGITS) {
            throw new Refusal("a number of more than " + MOST_DIGITS + " digits");
        }
        return number.toString();
    }

    private static String digits(String text) {
        if (text.length() > MOST_DIGITS + 20) { // and a sign, a point, an exponent
            throw new UnreadableException("a number of more than " + MOST_DIGITS + " digits");
        }
        return text;
    }

    private static String pattern(Pattern pattern) {
        if (pattern.pattern().length() > LONGEST_PATTERN || (pattern.flags() & Pattern.CANON_EQ) != 0) {
            throw new Refusal("a regular expression that is long, or canonical in its equality");
        }
        return pattern.flags() + "," + pattern.pattern();
    }

    private static Pattern pattern(String text) {
        int comma = text.indexOf(',');
        int flags = Integer.parseInt(text.substring(0, comma));
        if (text.length() > LONGEST_PATTERN + 12 || (flags & Pattern.CANON_EQ) != 0) {
            throw new UnreadableException("a regular expression that is long, or canonical in its equality");
        }
        return Pattern.compile(text.substring(comma + 1), flags);
    }

    private static String path(Path path) {
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new Refusal("a path of another file system");
        }
        return path.toString();
    }

    /** Host name, if there is one, and bytes; nothing is looked up. */
    private static String address(InetAddress address) {
        String text = address.toString();
        return text.substring(0, text.indexOf('/')) + "/" + HexFormat.of().formatHex(address.getAddress());
    }

    private static InetAddress address(String text) {
        int slash = text.indexOf('/');
        String host = text.substring(0, slash);
        try {
            return InetAddress.getByAddress(
                    host.isEmpty() ? null : host, HexFormat.of().parseHex(text.substring(slash + 1)));
        } catch (UnknownHostException e) {
            throw new UnreadableException("no address");
        }
    }

    /** Joins the parts of a text. */
    static String joined(Object... parts) {
        return Arrays.stream(parts).map(String::valueOf).collect(Collectors.joining(","));
    }
}
