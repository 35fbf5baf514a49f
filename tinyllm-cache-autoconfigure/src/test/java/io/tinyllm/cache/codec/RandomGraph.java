package io.tinyllm.cache.codec;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One random graph: objects of many kinds, of which any may be met again, be it within itself. */
final class RandomGraph {

    static class Any {
        Object one;
        List<Object> list;
        Map<String, Object> map;
        Set<Object> set;
        Any next;
        List<Any> nodes;
        Kinds.User user;
        Kinds.Color color;
        Date date;
        Long number;
        double d;
        float f;
        String text;
        long[] longs;
        Kinds.User[] users;
        transient Object temporary;
    }

    record Both(Object left, Object right, Kinds.Color color, Any any) {}

    record Copied(List<Object> list) {
        Copied {
            list = new ArrayList<>(list);
        }
    }

    private final Random random;
    private final List<Object> met = new ArrayList<>();
    private int budget;

    /** Tells apart what is told apart by identity, so that a comparison of sets pairs what belongs together. */
    private int serial;

    RandomGraph(long seed) {
        random = new Random(seed);
        budget = 5 + random.nextInt(60);
    }

    Object make() {
        return object(0);
    }

    private Object leaf() {
        return switch (random.nextInt(16)) {
            case 0 -> null;
            case 1 -> random.nextInt(3);
            case 2 -> (long) random.nextInt(3);
            case 3 -> random.nextBoolean() ? Double.NaN : random.nextInt() / 7.0;
            case 4 -> random.nextBoolean() ? -0.0f : random.nextFloat();
            case 5 -> "t" + random.nextInt(5);
            case 6 -> "\uD800" + random.nextInt(2);
            case 7 -> new BigDecimal(random.nextInt(100)).movePointLeft(random.nextInt(4));
            case 8 -> Kinds.Color.values()[random.nextInt(2)];
            case 9 -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
            case 10 -> LocalDate.ofEpochDay(random.nextInt(10_000));
            case 11 -> Kinds.TypeSafe.ONE;
            case 12 -> new Kinds.User("u" + random.nextInt(3), random.nextInt(3));
            case 13 -> random.nextBoolean();
            case 14 -> (char) random.nextInt(0x10000);
            default -> Optional.empty();
        };
    }

    private Object object(int depth) {
        if (--budget < 0 || depth > 12 || random.nextInt(4) == 0) {
            return leaf();
        }
        if (!met.isEmpty() && random.nextInt(5) == 0) {
            return met.get(random.nextInt(met.size()));
        }
        int inner = depth + 1;
        return switch (random.nextInt(26)) {
            case 0, 1 -> fill(met(new ArrayList<>()), inner);
            case 2 -> fill(met(new LinkedList<>()), inner);
            case 3 -> fill(met(new HashSet<>()), inner);
            case 4 -> fill(met(new LinkedHashSet<>()), inner);
            case 5 -> fill(met(new HashMap<>()), inner);
            case 6 -> fill(met(new LinkedHashMap<>(16, 0.75f, random.nextBoolean())), inner);
            case 7 -> fill(met(new ConcurrentHashMap<>()), inner);
            case 8 -> met(new TreeMap<>(Map.of("b", orText(inner), "a", orText(inner))));
            case 9 -> met(new TreeSet<>(List.of(random.nextInt(3), 7)));
            case 10 -> met(Collections.unmodifiableList(fill(new ArrayList<>(), inner)));
            case 11 -> met(Stream.of(orText(inner), orText(inner)).toList());
            case 12 -> met(Arrays.asList(object(inner), object(inner)));
            case 13 -> met(Set.of(orText(inner), 5L));
            case 14 -> met(Map.of("k", orText(inner)));
            case 15 -> any(inner);
            case 16 -> met(new Both(object(inner), object(inner), Kinds.Color.RED, null));
            case 17 -> met(new Object[] {serial++, object(inner), object(inner)});
            case 18 -> met(new Date(random.nextInt()));
            case 19 -> met(new AtomicLong(random.nextInt()));
            case 20 -> reference(inner);
            case 21 -> met(new EnumMap<>(Map.of(Kinds.Color.GREEN, orText(inner))));
            case 22 -> met(new Copied(fill(new ArrayList<>(), inner)));
            case 23 -> names(inner);
            case 24 -> met(Optional.of(orText(inner)));
            default -> fill(met(new ArrayDeque<>(List.of(serial++))), inner, false);
        };
    }

    private <T> T met(T object) {
        met.add(object);
        return object;
    }

    private Object orText(int depth) {
        Object object = object(depth);
        return object == null ? "none" : object;
    }

    private Object reference(int depth) {
        AtomicReference<Object> reference = met(new AtomicReference<>());
        reference.set(new ArrayList<>(Arrays.asList(serial++, object(depth))));
        return reference;
    }

    private Object names(int depth) {
        Kinds.Attributes attributes = met(new Kinds.Attributes());
        attributes.put("a", object(depth));
        attributes.put("b", object(depth));
        return attributes;
    }

    private Any any(int depth) {
        Any any = met(new Any());
        any.one = object(depth);
        any.list = random.nextBoolean() ? null : fill(new ArrayList<>(), depth);
        any.map = random.nextBoolean()
                ? null
                : Stream.of("x", "y").collect(Collectors.toMap(key -> key, key -> orText(depth)));
        any.set = random.nextBoolean() ? null : fill(met(new HashSet<>()), depth);
        any.next = budget > 0 && random.nextBoolean() ? any(depth) : null;
        any.nodes = random.nextBoolean() ? null : new ArrayList<>(Arrays.asList(any, any.next, null));
        any.user = random.nextBoolean() ? null : new Kinds.User("u", random.nextInt(2));
        any.color = random.nextBoolean() ? null : Kinds.Color.GREEN;
        any.date = random.nextBoolean() ? null : met(new java.sql.Timestamp(random.nextInt()));
        any.number = random.nextBoolean() ? null : random.nextLong();
        any.d = random.nextDouble();
        any.f = random.nextFloat();
        any.text = random.nextBoolean() ? null : "\uDC00".repeat(random.nextInt(2));
        any.longs = random.nextBoolean() ? null : new long[] {random.nextLong()};
        any.users = random.nextBoolean() ? null : new Kinds.User[] {any.user, null};
        any.temporary = object(depth);
        return any;
    }

    private <C extends java.util.Collection<Object>> C fill(C collection, int depth) {
        return fill(collection, depth, true);
    }

    private <C extends java.util.Collection<Object>> C fill(C collection, int depth, boolean nulls) {
        for (int i = random.nextInt(4); i > 0; i--) {
            Object part = nulls ? object(depth) : orText(depth);
            try {
                collection.add(part);
            } catch (StackOverflowError e) {
                collection.add("of itself"); // its hash code is endless
            }
        }
        return collection;
    }

    private <M extends Map<Object, Object>> M fill(M map, int depth) {
        for (int i = random.nextInt(4); i > 0; i--) {
            map.put("k" + i, orText(depth));
        }
        return map;
    }
}
