package io.tinyllm.cache.codec;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The forms of the JDK's views of another container: that container as it is, so that its order and its class stay, and
 * what is put into it later shows in both. Stateless.
 */
final class Wrappers {

    private static final Map<String, Supplier<Map<Object, Boolean>>> MAPS_OF_SETS = Map.of(
            "HashMap", HashMap::new,
            "LinkedHashMap", LinkedHashMap::new,
            "ConcurrentHashMap", ConcurrentHashMap::new,
            "IdentityHashMap", IdentityHashMap::new);

    private Wrappers() {}

    static void addTo(JdkKinds.Table table) {
        add(
                table,
                "unmodifiableCollection",
                Collection.class,
                Collections::unmodifiableCollection,
                "UnmodifiableCollection");
        Form list = add(table, "unmodifiableList", List.class, Collections::unmodifiableList, "UnmodifiableList");
        table.view(list, "Collections$UnmodifiableRandomAccessList");
        add(table, "unmodifiableSet", Set.class, Collections::unmodifiableSet, "UnmodifiableSet");
        add(table, "unmodifiableMap", Map.class, Collections::unmodifiableMap, "UnmodifiableMap");
        add(
                table,
                "unmodifiableSortedSet",
                SortedSet.class,
                Collections::unmodifiableSortedSet,
                "UnmodifiableSortedSet");
        add(
                table,
                "unmodifiableSortedMap",
                SortedMap.class,
                Collections::unmodifiableSortedMap,
                "UnmodifiableSortedMap");
        add(
                table,
                "unmodifiableNavigableSet",
                NavigableSet.class,
                Collections::unmodifiableNavigableSet,
                "UnmodifiableNavigableSet");
        add(
                table,
                "unmodifiableNavigableMap",
                NavigableMap.class,
                Collections::unmodifiableNavigableMap,
                "UnmodifiableNavigableMap");
        list = add(table, "synchronizedList", List.class, Collections::synchronizedList, "SynchronizedList");
        table.view(list, "Collections$SynchronizedRandomAccessList");
        add(
                table,
                "synchronizedCollection",
                Collection.class,
                Collections::synchronizedCollection,
                "SynchronizedCollection");
        add(table, "synchronizedSet", Set.class, Collections::synchronizedSet, "SynchronizedSet");
        add(table, "synchronizedMap", Map.class, Collections::synchronizedMap, "SynchronizedMap");
        add(
                table,
                "synchronizedSortedSet",
                SortedSet.class,
                Collections::synchronizedSortedSet,
                "SynchronizedSortedSet");
        add(
                table,
                "synchronizedSortedMap",
                SortedMap.class,
                Collections::synchronizedSortedMap,
                "SynchronizedSortedMap");
        add(table, "lifoQueue", Deque.class, Collections::asLifoQueue, "AsLIFOQueue");
        table.add(new Wrapper<>("asList", Object[].class, Arrays::asList), "Arrays$ArrayList");
        table.add(new SetFromMap(), "Collections$SetFromMap");
        table.add(
                new Checked<>("checkedList", List.class, Collections::checkedList),
                "Collections$CheckedList",
                "Collections$CheckedRandomAccessList");
        table.add(new Checked<>("checkedSet", Set.class, Collections::checkedSet), "Collections$CheckedSet");
        table.add(
                new Checked<>("checkedCollection", Collection.class, Collections::checkedCollection),
                "Collections$CheckedCollection");
        table.addClass(
                table.add(new Only("emptyNavigableSet", Collections.emptyNavigableSet())),
                Collections.emptyNavigableSet().getClass().getName());
        table.addClass(
                table.add(new Only("emptyNavigableMap", Collections.emptyNavigableMap())),
                Collections.emptyNavigableMap().getClass().getName());
    }

    private static <C> Form add(
            JdkKinds.Table table, String tag, Class<C> inner, Function<C, Object> wrap, String name) {
        return table.add(new Wrapper<>(tag, inner, wrap), "Collections$" + name);
    }

    /** A view of one other object. */
    private static final class Wrapper<C> extends Form {

        private final Class<C> inner;
        private final Function<C, Object> wrap;

        Wrapper(String tag, Class<C> inner, Function<C, Object> wrap) {
            super(tag);
            this.inner = inner;
            this.wrap = wrap;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.value(SerialParts.only(value), Place.ANY);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return wrap.apply(inner.cast(in.present(Place.ANY)));
        }
    }

    /** A view of another collection that takes parts of one class only. */
    @SuppressWarnings({"rawtypes", "unchecked"})
    private static final class Checked<C> extends Form {

        /** Makes the view. */
        interface Check<C> {
            Object of(C inner, Class type);
        }

        private final Class<C> inner;
        private final Check<C> check;

        Checked(String tag, Class<C> inner, Check<C> check) {
            super(tag);
            this.inner = inner;
            this.check = check;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Class<?> type = SerialParts.classIn(value);
            if (type == null) {
                throw new Refusal("a checked collection whose class cannot be seen");
            }
            out.json().writeStartArray();
            out.value(type, Place.ANY);
            out.value(SerialParts.only(value), Place.ANY);
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            Class<?> type = (Class<?>) in.present(Place.ANY);
            in.json().nextToken();
            C real = inner.cast(in.present(Place.ANY));
            in.endOfArray();
            return check.of(real, type);
        }
    }

    /** A set that keeps its elements as the keys of a map. */
    private static final class SetFromMap extends Form {

        SetFromMap() {
            super("newSetFromMap");
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Object map = SerialParts.only(value);
            String name = map == null ? "" : map.getClass().getSimpleName();
            if (map == null || !JdkClasses.isJdk(map.getClass()) || !MAPS_OF_SETS.containsKey(name)) {
                throw new Refusal("a set of a map without a stored form");
            }
            Set<?> set = (Set<?>) value;
            out.json().writeStartArray();
            out.json().writeString(name);
            Progress.Keys keys = out.keys(set, place.first());
            out.json().writeEndArray();
            if (!(map instanceof IdentityHashMap)) {
                HashedForm.check(out, set, keys, 0);
            }
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            Supplier<Map<Object, Boolean>> map = MAPS_OF_SETS.get(in.text());
            if (map == null) {
                throw new UnreadableException("no such map");
            }
            Set<Object> set = Collections.newSetFromMap(map.get());
            in.json().nextToken();
            Progress.Keys keys = in.progress().keys();
            @Nullable Object[] parts = in.take(in.keys(place.first(), keys));
            in.endOfArray();
            in.fill(new HashedForm.Parts(set, parts, false, keys, 0, in.progress()), number, keys.dependency());
            return set;
        }
    }

    /** An object of which there is one. */
    static final class Only extends Form {

        private final Object only;

        Only(String tag, Object only) {
            super(tag);
            this.only = only;
        }

        @Override
        boolean isCounted() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.json().writeNull();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            return only;
        }
    }
}
