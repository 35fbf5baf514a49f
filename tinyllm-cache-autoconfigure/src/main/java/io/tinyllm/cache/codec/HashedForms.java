package io.tinyllm.cache.codec;

import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The forms of the JDK's sets and maps that hash. Stateless. */
final class HashedForms {

    static final Form LINKED_HASH_SET = new Filled("LinkedHashSet", false, size -> new LinkedHashSet<>());
    static final Form LINKED_HASH_MAP = new Linked();
    private static final Form BY_ACCESS =
            new Filled("LinkedHashMapByAccess", true, size -> new LinkedHashMap<>(16, 0.75f, true));

    private HashedForms() {}

    static void addTo(JdkKinds.Table table) {
        table.add(new Filled("HashSet", false, size -> new HashSet<>()), "HashSet");
        table.add(LINKED_HASH_SET, "LinkedHashSet");
        table.view(
                LINKED_HASH_SET, "HashMap$KeySet", "LinkedHashMap$LinkedKeySet", "Hashtable$KeySet", "EnumMap$KeySet");
        table.view(LINKED_HASH_SET, "HashMap$EntrySet", "LinkedHashMap$LinkedEntrySet", "TreeMap$EntrySet");
        table.view(LINKED_HASH_SET, "concurrent.ConcurrentHashMap$EntrySetView", "EnumMap$EntrySet", "AbstractMap$1");
        table.view(LINKED_HASH_SET, "concurrent.ConcurrentSkipListMap$EntrySet", "Hashtable$EntrySet");
        table.view(LINKED_HASH_SET, "Collections$UnmodifiableMap$UnmodifiableEntrySet");
        table.view(LINKED_HASH_SET, "ReverseOrderSortedSetView", "LinkedHashSet$1ReverseLinkedHashSetView");
        table.add(new CopyOnWriteSet(), "concurrent.CopyOnWriteArraySet");
        table.add(
                new Filled("ConcurrentHashSet", false, size -> ConcurrentHashMap.newKeySet()),
                "concurrent.ConcurrentHashMap$KeySetView");
        table.add(new Filled("HashMap", true, size -> new HashMap<>()), "HashMap");
        table.add(LINKED_HASH_MAP, "LinkedHashMap");
        table.addClass(LINKED_HASH_MAP, "java.util.stream.Collectors$Partition");
        table.add(BY_ACCESS);
        table.add(
                new Filled("ConcurrentHashMap", true, size -> new ConcurrentHashMap<>()),
                "concurrent.ConcurrentHashMap");
        table.add(new Tables("Hashtable", size -> new Hashtable<>(size + 1)), "Hashtable");
        table.add(new PropertiesForm(), "Properties");
        table.add(new Identity(), "IdentityHashMap");
        table.add(new Fixed("SetOf", false, Set::of), "ImmutableCollections$SetN", "ImmutableCollections$Set12");
        table.add(
                new Fixed("MapOf", true, HashedForms::mapOf), "ImmutableCollections$MapN", "ImmutableCollections$Map1");
        table.add(new Fixed("emptySet", false, parts -> Collections.emptySet()), "Collections$EmptySet");
        table.add(new Fixed("emptyMap", true, parts -> Collections.emptyMap()), "Collections$EmptyMap");
        table.add(new Fixed("singleton", false, parts -> Collections.singleton(parts[0])), "Collections$SingletonSet");
        table.add(
                new Fixed("singletonMap", true, parts -> Collections.singletonMap(parts[0], parts[1])),
                "Collections$SingletonMap");
    }

    @SuppressWarnings("unchecked")
    private static Map<?, ?> mapOf(@Nullable Object[] parts) {
        Map.Entry<Object, Object>[] entries = new Map.Entry[parts.length / 2];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = Map.entry(present(parts[2 * i]), present(parts[2 * i + 1]));
        }
        return Map.ofEntries(entries);
    }

    private static Object present(@Nullable Object part) {
        if (part == null) {
            throw new UnreadableException("null where there is none");
        }
        return part;
    }

    /** A container that is made empty and filled. */
    private static class Filled extends HashedForm {

        private final IntFunction<Object> empty;

        Filled(String tag, boolean map, IntFunction<Object> empty) {
            super(tag, map);
            this.empty = empty;
        }

        @Override
        Object empty(int size) {
            return empty.apply(size);
        }
    }

    /** A LinkedHashMap, in the order in which its keys were put or were asked for. */
    private static final class Linked extends Filled {

        Linked() {
            super("LinkedHashMap", true, size -> new LinkedHashMap<>());
        }

        @Override
        Form exact(Object value) {
            return value.getClass() == LinkedHashMap.class && isByAccess((LinkedHashMap<?, ?>) value)
                    ? BY_ACCESS
                    : this;
        }

        /** The order shows itself where a copy of the map is asked for its first key. */
        private static boolean isByAccess(LinkedHashMap<?, ?> map) {
            @SuppressWarnings("unchecked")
            LinkedHashMap<Object, Object> copy = (LinkedHashMap<Object, Object>) map.clone();
            if (copy.size() < 2) {
                copy.clear();
                copy.put(1, 1);
                copy.put(2, 2);
            }
            Iterator<Object> keys = copy.keySet().iterator();
            Object first = keys.next();
            copy.get(first);
            return copy.keySet().iterator().next() != first;
        }
    }

    /** A table of chains, which is made of its parts so that their number is known. */
    private static class Tables extends Filled {

        Tables(String tag, IntFunction<Object> empty) {
            super(tag, true, empty);
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        int chains(int size) {
            return size + 1;
        }
    }

    /** Properties, but for those with others behind them. */
    private static final class PropertiesForm extends Filled {

        PropertiesForm() {
            super("Properties", true, size -> new Properties());
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Properties properties = (Properties) value;
            if (!properties.keySet().containsAll(properties.stringPropertyNames())) {
                throw new Refusal("properties with defaults");
            }
            super.write(out, value, place);
        }
    }

    /** A set that compares each part with all others. */
    private static final class CopyOnWriteSet extends Filled {

        CopyOnWriteSet() {
            super("CopyOnWriteArraySet", false, size -> new CopyOnWriteArraySet<>());
        }

        @Override
        int chains(int size) {
            return 1;
        }
    }

    /** A map of keys that are told apart by identity, so that nothing of them is hashed. */
    private static final class Identity extends Form {

        Identity() {
            super("IdentityHashMap");
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.pairs(((Map<?, ?>) value).entrySet(), place);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            Map<@Nullable Object, @Nullable Object> map = new IdentityHashMap<>();
            in.made(number, map);
            @Nullable Object[] parts = in.take(in.pairs(place, in.progress().keys()));
            for (int i = 0; i < parts.length; i += 2) {
                map.put(parts[i], parts[i + 1]);
            }
            if (map.size() * 2 != parts.length) {
                throw new UnreadableException("keys that are one");
            }
            return map;
        }
    }

    /** An unmodifiable set or map that is made of its parts. */
    private static final class Fixed extends Form {

        private final boolean map;
        private final Function<@Nullable Object[], Object> of;

        Fixed(String tag, boolean map, Function<@Nullable Object[], Object> of) {
            super(tag);
            this.map = map;
            this.of = of;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Progress.Keys known;
            if (value instanceof Map<?, ?> pairs) {
                known = out.pairs(pairs.entrySet(), place);
                HashedForm.check(out, pairs.keySet(), known, 0);
            } else {
                Collection<?> parts = (Collection<?>) value;
                known = out.keys(parts, place.first());
                HashedForm.check(out, parts, known, 0);
            }
            if (known.dependency() != Progress.NONE) {
                throw new Refusal("its parts refer to what holds it");
            }
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            Progress.Keys known = in.progress().keys();
            @Nullable Object[] parts = in.take(map ? in.pairs(place, known) : in.keys(place.first(), known));
            if (known.dependency() != Progress.NONE) {
                throw new UnreadableException("parts that refer to what holds them");
            }
            @Nullable Object[] keys = parts;
            if (map) {
                keys = new @Nullable Object[parts.length / 2];
                for (int i = 0; i < keys.length; i++) {
                    keys[i] = parts[2 * i];
                }
            }
            HashCost.charge(in.progress(), known, keys, 0);
            Object container = of.apply(parts);
            int size = container instanceof Map<?, ?> pairs ? pairs.size() * 2 : ((Collection<?>) container).size();
            if (size != parts.length) {
                throw new UnreadableException("parts that are equal");
            }
            return container;
        }
    }
}
