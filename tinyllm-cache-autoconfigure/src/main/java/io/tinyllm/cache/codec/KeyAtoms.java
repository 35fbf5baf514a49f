package io.tinyllm.cache.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
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
import java.time.temporal.ChronoField;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The JDK's value types other than text and bytes, each as an injective text. Immutable. */
final class KeyAtoms {

    /** One type: its tag, and its text both ways. */
    record Atom(String tag, Class<?> type, Function<Object, String> write, Function<String, Object> read) {}

    private static final int MOST_DIGITS = 5_000;

    private static final Map<Class<?>, Atom> BY_TYPE = new HashMap<>();
    private static final Map<String, Atom> BY_TAG = new HashMap<>();

    static {
        add("c", Character.class, c -> Integer.toString(c), s -> (char) Integer.parseInt(s));
        add("z", Boolean.class, z -> z ? "1" : "0", "1"::equals);
        add("y", Byte.class, Object::toString, Byte::valueOf);
        add("h", Short.class, Object::toString, Short::valueOf);
        add("i", Integer.class, Object::toString, Integer::valueOf);
        add("l", Long.class, Object::toString, Long::valueOf);
        // bits, since the decimal form of one number differs between releases of the JDK
        add(
                "f",
                Float.class,
                f -> Integer.toHexString(Float.floatToIntBits(f)),
                s -> Float.intBitsToFloat(Integer.parseUnsignedInt(s, 16)));
        add(
                "d",
                Double.class,
                d -> Long.toHexString(Double.doubleToLongBits(d)),
                s -> Double.longBitsToDouble(Long.parseUnsignedLong(s, 16)));
        add("bi", BigInteger.class, KeyAtoms::digits, s -> new BigInteger(digits(s)));
        add("bd", BigDecimal.class, KeyAtoms::digits, s -> new BigDecimal(digits(s)));
        add("uu", UUID.class, Object::toString, UUID::fromString);
        add("ur", URI.class, Object::toString, URI::create);
        add("lc", Locale.class, KeyAtoms::tag, Locale::forLanguageTag);
        add("cu", Currency.class, Currency::getCurrencyCode, Currency::getInstance);
        add("da", Date.class, d -> Long.toString(d.getTime()), s -> new Date(Long.parseLong(s)));
        add("ti", Instant.class, Object::toString, Instant::parse);
        add("td", LocalDate.class, Object::toString, LocalDate::parse);
        add("tt", LocalTime.class, Object::toString, LocalTime::parse);
        add("tl", LocalDateTime.class, Object::toString, LocalDateTime::parse);
        add("to", OffsetDateTime.class, Object::toString, OffsetDateTime::parse);
        add("tp", OffsetTime.class, Object::toString, OffsetTime::parse);
        add("tz", ZonedDateTime.class, Object::toString, ZonedDateTime::parse);
        add("tu", Duration.class, Object::toString, Duration::parse);
        add("te", Period.class, Object::toString, Period::parse);
        add("tm", MonthDay.class, Object::toString, MonthDay::parse);
        add("ty", Year.class, Object::toString, s -> Year.of(Integer.parseInt(s)));
        add(
                "tn",
                YearMonth.class,
                m -> Long.toString(m.getLong(ChronoField.PROLEPTIC_MONTH)),
                s -> YearMonth.of(0, 1).with(ChronoField.PROLEPTIC_MONTH, Long.parseLong(s)));
        add("tf", ZoneOffset.class, ZoneOffset::getId, ZoneOffset::of);
        Atom region = new Atom("tr", ZoneId.of("Europe/Paris").getClass(), Object::toString, ZoneId::of);
        BY_TYPE.put(region.type(), region);
        BY_TAG.put(region.tag(), region);
    }

    private KeyAtoms() {}

    static @Nullable Atom ofType(Class<?> type) {
        return BY_TYPE.get(type);
    }

    static @Nullable Atom ofTag(String tag) {
        return BY_TAG.get(tag);
    }

    private static <T> void add(String tag, Class<T> type, Function<T, String> write, Function<String, T> read) {
        Atom atom = new Atom(tag, type, value -> write.apply(type.cast(value)), read::apply);
        BY_TYPE.put(type, atom);
        BY_TAG.put(tag, atom);
    }

    private static String digits(BigInteger number) {
        return digits(number.getClass(), number.bitLength(), number);
    }

    private static String digits(BigDecimal number) {
        return digits(number.getClass(), number.unscaledValue().bitLength(), number);
    }

    private static String digits(Class<?> type, int bits, Object number) {
        if (bits > MOST_DIGITS * 3) {
            throw new UnsupportedKeyException(type.getName(), "it has more than " + MOST_DIGITS + " digits");
        }
        return number.toString();
    }

    /** The JDK needs the square of the digits to read a number. */
    private static String digits(String text) {
        if (text.length() > MOST_DIGITS + 20) {
            throw new IllegalArgumentException("too many digits");
        }
        return text;
    }

    private static String tag(Locale locale) {
        String tag = locale.toLanguageTag();
        if (!Locale.forLanguageTag(tag).equals(locale)) {
            throw new UnsupportedKeyException(Locale.class.getName(), "it has no language tag of its own");
        }
        return tag;
    }
}
