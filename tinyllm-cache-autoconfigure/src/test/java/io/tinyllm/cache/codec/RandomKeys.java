package io.tinyllm.cache.codec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.springframework.cache.interceptor.SimpleKey;

/** Random keys of every supported type, from few values, so that near collisions are common. */
final class RandomKeys {

    enum Colour {
        RED,
        GREEN {
            @Override
            public String toString() {
                return "RED";
            }
        }
    }

    record Pair(Object left, Object right) {}

    record Point(int x, long y, Colour colour) {}

    private static final String[] TEXTS = {
        "",
        "a",
        "b",
        "a, b",
        "1",
        "s1:1",
        "i1:1",
        "n0:",
        "null",
        "true",
        ":",
        "*?[]\r\n{}",
        "\uD800",
        "\uD801",
        "\uDC00",
        "?",
        "\uFFFD",
        "é",
        "e\u0301",
        "\uD83D\uDE00",
        "RED",
        "\u0000",
        "1:s",
        "L2:"
    };

    private final Random random;

    RandomKeys(long seed) {
        random = new Random(seed);
    }

    Object next() {
        return any(3);
    }

    private Object any(int depth) {
        int kind = random.nextInt(depth > 0 ? 40 : 30);
        int n = random.nextInt(4) - 1;
        return switch (kind) {
            case 0, 1, 2, 3 -> TEXTS[random.nextInt(TEXTS.length)];
            case 4 ->
                random.ints(random.nextInt(6), 0, 0x10000)
                        .collect(StringBuilder::new, (b, c) -> b.append((char) c), StringBuilder::append)
                        .toString();
            case 5 -> (char) ('0' + n + 1);
            case 6 -> random.nextBoolean();
            case 7 -> (byte) n;
            case 8 -> (short) n;
            case 9 -> n;
            case 10 -> (long) n;
            case 11 -> random.nextBoolean() ? (float) n : Float.intBitsToFloat(random.nextInt());
            case 12 -> random.nextBoolean() ? (n == 0 ? -0.0 : n) : Double.longBitsToDouble(random.nextLong());
            case 13 -> BigInteger.valueOf(n);
            case 14 -> BigDecimal.valueOf(n * 10L, random.nextInt(5) - 2);
            case 15 -> new UUID(n, random.nextInt(2));
            case 16 -> random.nextBoolean() ? Colour.RED : Colour.GREEN;
            case 17 -> DayOfWeek.of(n + 2);
            case 18 -> Instant.ofEpochSecond(random.nextLong() % 31556889864403199L, random.nextInt(1_000_000_000));
            case 19 -> LocalDate.ofEpochDay(random.nextInt());
            case 20 -> random.nextBoolean() ? LocalTime.MIN.plusNanos(n + 1) : LocalTime.of(n + 1, 0);
            case 21 -> LocalDateTime.ofEpochSecond(random.nextInt(), n + 1, ZoneOffset.UTC);
            case 22 ->
                random.nextBoolean()
                        ? LocalDateTime.ofEpochSecond(1603587600L + 1800L * n, 0, ZoneOffset.UTC)
                                .atZone(ZoneId.of("Europe/Paris"))
                                .withLaterOffsetAtOverlap()
                        : Instant.ofEpochSecond(n).atZone(ZoneOffset.ofHours(n));
            case 23 -> random.nextBoolean() ? Duration.ofNanos(random.nextLong()) : Period.of(n, n, n);
            case 24 -> random.nextBoolean() ? Year.of(n * 4000) : YearMonth.of(n * 20000, 2);
            case 25 -> random.nextBoolean() ? ZoneId.of("Europe/Paris") : ZoneOffset.ofHours(n);
            case 26 -> URI.create("urn:x:" + (n + 1));
            case 27 ->
                random.nextBoolean()
                        ? Locale.GERMANY
                        : new Locale.Builder().setLanguage("de").build();
            case 28 -> random.nextBoolean() ? new Date(n) : MonthDay.of(2, 29);
            case 29 -> random.nextBoolean() ? SimpleKey.EMPTY : List.of();
            case 30, 31 -> list(depth);
            case 32, 33, 34 -> new SimpleKey(list(depth).toArray());
            case 35 -> new HashSet<>(list(depth));
            case 36 -> map(depth);
            case 37 -> Optional.ofNullable(orNull(depth));
            case 38 -> new Pair(orNull(depth), orNull(depth));
            default -> new Point(n, random.nextInt(3), random.nextBoolean() ? Colour.RED : Colour.GREEN);
        };
    }

    private Object orNull(int depth) {
        return random.nextInt(5) == 0 ? null : any(depth - 1);
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            list.add(orNull(depth));
        }
        return list;
    }

    private Map<Object, Object> map(int depth) {
        Map<Object, Object> map = new HashMap<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            map.put(orNull(depth), orNull(depth));
        }
        return map;
    }

    static ValueTypes types() {
        ValueTypes types = new ValueTypes(Set.of(), RandomKeys.class.getClassLoader());
        types.allow(Pair.class);
        types.allow(Point.class);
        types.allow(Colour.class);
        return types;
    }
}
