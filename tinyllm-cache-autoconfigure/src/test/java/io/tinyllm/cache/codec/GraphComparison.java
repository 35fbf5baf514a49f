package io.tinyllm.cache.codec;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/**
 * Compares two graphs of objects field by field and by identity: classes, order, comparators, transient fields, which
 * references meet in one object, and what is a constant of its class. It needs no equals of the classes compared.
 */
final class GraphComparison {

    /** What the copy is, better first. */
    enum Result {
        /** The same graph. */
        EXACT,
        /** A container of the JDK is of another of its classes, with equal contents. */
        OTHER_CONTAINER,
        /** Two references to one object are references to two. */
        UNSHARED,
        /** Another value. */
        DIFFERENT
    }

    private record Pair(Object left, Object right) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Pair that && left == that.left && right == that.right;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(left) * 31 + System.identityHashCode(right);
        }
    }

    private final Set<Pair> seen;
    private final IdentityHashMap<Object, Object> copies;
    private Result result = Result.EXACT;
    private String note = "";
    private String lastDifference = "";

    private GraphComparison(Set<Pair> seen, IdentityHashMap<Object, Object> copies) {
        this.seen = seen;
        this.copies = copies;
    }

    static GraphComparison of(Object value, Object copy) {
        GraphComparison comparison = new GraphComparison(new HashSet<>(), new IdentityHashMap<>());
        comparison.compare("", value, copy);
        return comparison;
    }

    Result result() {
        return result;
    }

    String note() {
        return note;
    }

    private void note(Result worse, String what) {
        if (worse.compareTo(result) > 0) {
            result = worse;
            note = what.length() > 600 ? what.substring(0, 600) : what;
        }
    }

    /** What this would come to, were these two compared next. */
    private Result tried(Object left, Object right) {
        GraphComparison aside = new GraphComparison(new HashSet<>(seen), new IdentityHashMap<>(copies));
        aside.compare("", left, right);
        if (aside.result == Result.DIFFERENT) {
            lastDifference = aside.note;
        }
        return aside.result;
    }

    private static String name(Object object) {
        return object == null ? "null" : object.getClass().getName();
    }

    private static boolean isJdk(Object object) {
        return object.getClass().getClassLoader() == null
                || object.getClass().getClassLoader() == ClassLoader.getPlatformClassLoader();
    }

    private static boolean isCompared(Object object) {
        return object instanceof Comparable && isJdk(object) && !(object instanceof StringBuilder)
                || object instanceof Date
                || object instanceof Calendar
                || object instanceof Class
                || isJdk(object)
                        && !(object instanceof Optional)
                        && overridesEquals(object.getClass())
                        && !(object instanceof Collection || object instanceof Map || object instanceof Map.Entry);
    }

    private static boolean overridesEquals(Class<?> type) {
        try {
            return type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }

    void compare(String path, Object left, Object right) {
        if (left == right) {
            return;
        }
        if (left == null || right == null) {
            note(Result.DIFFERENT, path + ": " + name(left) + " became " + name(right));
            return;
        }
        boolean mutable = left instanceof Date || left instanceof Calendar || left instanceof CharSequence;
        if (isCompared(left) && !mutable || left instanceof String) {
            equal(path, left, right);
            return;
        }
        if (left instanceof Enum) {
            note(Result.DIFFERENT, path + ": a constant" + " became " + name(right));
            return;
        }
        Object before = left instanceof Optional ? null : copies.putIfAbsent(left, right);
        if (before != null && before != right) {
            note(Result.UNSHARED, path + ": one object became two");
        }
        if (!seen.add(new Pair(left, right))) {
            return;
        }
        if (mutable && !(left instanceof StringBuilder || left instanceof StringBuffer)) {
            equal(path, left, right);
        } else if (left.getClass().isArray()) {
            array(path, left, right);
        } else if (left instanceof Collection || left instanceof Map || left instanceof Map.Entry && isJdk(left)) {
            container(path, left, right);
        } else if (left.getClass() != right.getClass()) {
            note(Result.DIFFERENT, path + ": " + name(left) + " became " + name(right));
        } else if (left instanceof Optional<?> optional) {
            compare(path + "?", optional.orElse(null), ((Optional<?>) right).orElse(null));
        } else if (left instanceof AtomicReference<?> reference) {
            compare(path + ".get", reference.get(), ((AtomicReference<?>) right).get());
        } else if (left instanceof Pattern pattern) {
            equal(path, pattern.flags() + pattern.pattern(), ((Pattern) right).flags() + ((Pattern) right).pattern());
        } else if (isJdk(left)) {
            if (left.getClass() != Object.class && !left.getClass().getName().contains("Comparator")) {
                equal(path, left.toString(), right.toString());
            }
        } else {
            fields(path, left, right);
        }
    }

    private void equal(String path, Object left, Object right) {
        if (left.getClass() != right.getClass() || !left.equals(right)) {
            boolean shown = left.getClass() == right.getClass()
                    && (left instanceof Number || left instanceof String || left instanceof Date);
            note(
                    Result.DIFFERENT,
                    path + ": " + name(left) + (shown ? " " + left : "") + " became " + name(right)
                            + (shown ? " " + right : ""));
        }
    }

    private void fields(String path, Object left, Object right) {
        for (Class<?> k = left.getClass(); k != null && k.getClassLoader() != null; k = k.getSuperclass()) {
            for (Field field : k.getDeclaredFields()) {
                try {
                    if (Modifier.isStatic(field.getModifiers())) {
                        constant(path, field, left);
                    } else if (!field.getName().startsWith("$$_hibernate")) {
                        field.setAccessible(true);
                        compare(path + "." + field.getName(), field.get(left), field.get(right));
                    }
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** A constant that is told apart by identity came back as another object, or we would not be here. */
    private void constant(String path, Field field, Object left) throws IllegalAccessException {
        if (Modifier.isFinal(field.getModifiers())
                && field.getType() == left.getClass()
                && !left.getClass().isRecord()) {
            field.setAccessible(true);
            if (field.get(null) == left) {
                note(Result.DIFFERENT, path + ": the constant " + field.getName() + " became another object");
            }
        }
    }

    private void array(String path, Object left, Object right) {
        if (left.getClass() != right.getClass() || Array.getLength(left) != Array.getLength(right)) {
            note(Result.DIFFERENT, path + ": " + name(left) + " became " + name(right) + ", or another length");
            return;
        }
        for (int i = 0; i < Array.getLength(left); i++) {
            compare(path + "[" + i + "]", Array.get(left, i), Array.get(right, i));
        }
    }

    private void container(String path, Object left, Object right) {
        if (left.getClass() != right.getClass()) {
            boolean related =
                    isJdk(left) && isJdk(right) || left.getClass().getName().startsWith("org.hibernate.");
            boolean alike = left instanceof Collection == right instanceof Collection
                    && left instanceof List == right instanceof List
                    && left instanceof Set == right instanceof Set
                    && left instanceof Map == right instanceof Map
                    && left instanceof Map.Entry == right instanceof Map.Entry;
            boolean collection = !(left instanceof List || left instanceof Set || left instanceof Map)
                    && left instanceof Collection
                    && right instanceof Collection;
            note(
                    related && (alike || collection) ? Result.OTHER_CONTAINER : Result.DIFFERENT,
                    path + ": " + name(left) + " became " + name(right));
            if (result == Result.DIFFERENT) {
                return;
            }
        }
        if (left instanceof Map.Entry<?, ?> entry) {
            compare(path + ".key", entry.getKey(), ((Map.Entry<?, ?>) right).getKey());
            compare(path + ".value", entry.getValue(), ((Map.Entry<?, ?>) right).getValue());
        } else if (left instanceof Map<?, ?> map) {
            if (map instanceof SortedMap<?, ?> sorted && right instanceof SortedMap<?, ?>) {
                compare(path + ".comparator", sorted.comparator(), ((SortedMap<?, ?>) right).comparator());
            }
            boolean ordered = map instanceof SortedMap || map instanceof LinkedHashMap || isLinked(map);
            parts(path, keys(map), values(map), keys((Map<?, ?>) right), values((Map<?, ?>) right), ordered);
            lookups(path, map.keySet(), ((Map<?, ?>) right).keySet());
        } else {
            Collection<?> parts = (Collection<?>) left;
            if (parts instanceof SortedSet<?> sorted && right instanceof SortedSet<?>) {
                compare(path + ".comparator", sorted.comparator(), ((SortedSet<?>) right).comparator());
            }
            if (parts instanceof PriorityQueue<?> queue && right instanceof PriorityQueue<?> other) {
                compare(path + ".comparator", queue.comparator(), other.comparator());
            }
            boolean ordered = !(parts instanceof Set) || parts instanceof SortedSet || parts instanceof LinkedHashSet;
            parts(path, parts.toArray(), null, ((Collection<?>) right).toArray(), null, ordered);
            if (parts instanceof Set) {
                lookups(path, parts, (Collection<?>) right);
            }
        }
        if (!isJdk(left) && left.getClass() == right.getClass()) {
            fields(path, left, right);
        }
    }

    private static boolean isLinked(Map<?, ?> map) {
        return map.getClass().getName().contains("Linked");
    }

    private static Object[] keys(Map<?, ?> map) {
        List<Object> keys = new ArrayList<>();
        map.entrySet().forEach(entry -> keys.add(entry.getKey()));
        return keys.toArray();
    }

    private static Object[] values(Map<?, ?> map) {
        List<Object> values = new ArrayList<>();
        map.entrySet().forEach(entry -> values.add(entry.getValue()));
        return values.toArray();
    }

    private void parts(String path, Object[] left, Object[] more, Object[] right, Object[] moreRight, boolean ordered) {
        if (left.length != right.length) {
            note(Result.DIFFERENT, path + ": " + left.length + " parts became " + right.length);
            return;
        }
        for (int i = 0; i < left.length; i++) {
            if (!ordered) {
                // The most alike: a queue is like the set of its elements, which may be the counterpart of another
                // part.
                int at = -1;
                Result least = Result.DIFFERENT;
                for (int other = i; other < right.length && least != Result.EXACT; other++) {
                    Result tried = tried(left[i], right[other]);
                    if (more != null && tried != Result.DIFFERENT) {
                        Result value = tried(more[i], moreRight[other]);
                        tried = value.compareTo(tried) > 0 ? value : tried;
                    }
                    if (tried.compareTo(least) < 0) {
                        least = tried;
                        at = other;
                    }
                }
                if (at < 0) {
                    note(Result.DIFFERENT, path + "[" + i + "] has no counterpart, the last: " + lastDifference);
                    return;
                }
                swap(right, i, at);
                if (more != null) {
                    swap(moreRight, i, at);
                }
            }
            compare(path + "[" + i + "]", left[i], right[i]);
            if (more != null) {
                compare(path + "{" + i + "}", more[i], moreRight[i]);
            }
        }
    }

    private static void swap(Object[] array, int one, int other) {
        Object part = array[one];
        array[one] = array[other];
        array[other] = part;
    }

    /** What is found in the value is found in the copy, text in whatever case it was found in. */
    private void lookups(String path, Collection<?> keys, Collection<?> copied) {
        Iterator<?> originals = keys.iterator();
        while (originals.hasNext()) {
            Object key = originals.next();
            if (key instanceof String text) {
                for (String asked : List.of(text, text.toUpperCase(), text.toLowerCase())) {
                    if (contains(keys, asked) != contains(copied, asked)) {
                        note(Result.DIFFERENT, path + ": a key is not found as it was");
                    }
                }
            }
        }
        for (Object key : copied.toArray()) {
            if (!(keys instanceof IdentityHashMap) && !contains(copied, key)) {
                note(Result.DIFFERENT, path + ": a part of the copy is not found in it");
            }
        }
    }

    private static boolean contains(Collection<?> keys, Object key) {
        try {
            return keys.contains(key);
        } catch (RuntimeException notOfThisType) {
            return false;
        }
    }
}
