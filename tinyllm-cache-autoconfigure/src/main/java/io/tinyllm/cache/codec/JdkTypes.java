package io.tinyllm.cache.codec;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The JDK's types that may be named as classes and as element types of arrays, beside those of leaves. Immutable. */
final class JdkTypes {

    private static final Map<String, Class<?>> TYPES = Stream.concat(
                    Stream.of(
                            Object.class,
                            Number.class,
                            CharSequence.class,
                            Comparable.class,
                            Comparator.class,
                            Serializable.class,
                            Iterable.class,
                            Iterator.class,
                            Enum.class,
                            Record.class,
                            Class.class,
                            Void.class,
                            Throwable.class,
                            Exception.class,
                            RuntimeException.class,
                            Collection.class,
                            List.class,
                            Set.class,
                            SortedSet.class,
                            NavigableSet.class,
                            Queue.class,
                            Deque.class,
                            Map.class,
                            Map.Entry.class,
                            SortedMap.class,
                            NavigableMap.class,
                            Optional.class,
                            ArrayList.class,
                            LinkedList.class,
                            ArrayDeque.class,
                            HashSet.class,
                            LinkedHashSet.class,
                            TreeSet.class,
                            HashMap.class,
                            LinkedHashMap.class,
                            TreeMap.class,
                            EnumMap.class,
                            EnumSet.class,
                            java.time.ZoneId.class,
                            java.util.TimeZone.class,
                            java.util.Calendar.class),
                    JdkLeaves.byTag().values().stream().map(Leaf::type))
            .distinct()
            .collect(Collectors.toUnmodifiableMap(Class::getName, Function.identity()));

    private JdkTypes() {}

    static @Nullable Class<?> of(String name) {
        return TYPES.get(name);
    }
}
