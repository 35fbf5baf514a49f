package io.tinyllm.cache.codec;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * The forms of the JDK's sorted containers: the comparator and the parts. A comparator is null for the natural order,
 * one of the JDK's, or an object like any other. Parts that are not in order any more are refused. Stateless.
 */
final class SortedForms {

    static final Form TREE_SET = new Sorted("TreeSet", false, true, SortedForms::comparatorOfSet, TreeSet::new);
    static final Form TREE_MAP = new Sorted("TreeMap", true, true, SortedForms::comparatorOfMap, TreeMap::new);

    private SortedForms() {}

    static void addTo(JdkKinds.Table table) {
        Form skipSet = new Sorted(
                "ConcurrentSkipListSet", false, true, SortedForms::comparatorOfSet, ConcurrentSkipListSet::new);
        Form skipMap = new Sorted(
                "ConcurrentSkipListMap", true, true, SortedForms::comparatorOfMap, ConcurrentSkipListMap::new);
        table.add(TREE_SET, "TreeSet");
        table.view(TREE_SET, "TreeMap$KeySet");
        table.add(TREE_MAP, "TreeMap");
        table.view(TREE_MAP, "TreeMap$AscendingSubMap", "TreeMap$DescendingSubMap", "ReverseOrderSortedMapView");
        table.add(skipSet, "concurrent.ConcurrentSkipListSet");
        table.view(skipSet, "concurrent.ConcurrentSkipListMap$KeySet");
        table.add(skipMap, "concurrent.ConcurrentSkipListMap");
        table.view(skipMap, "concurrent.ConcurrentSkipListMap$SubMap");
        table.add(
                new Sorted(
                        "PriorityQueue",
                        false,
                        false,
                        queue -> ((PriorityQueue<?>) queue).comparator(),
                        PriorityQueue::new),
                "PriorityQueue");
        table.add(
                new Sorted(
                        "PriorityBlockingQueue",
                        false,
                        false,
                        queue -> ((PriorityBlockingQueue<?>) queue).comparator(),
                        order -> new PriorityBlockingQueue<>(11, order)),
                "concurrent.PriorityBlockingQueue");
        table.add(new Wrappers.Only("naturalOrder", Comparator.naturalOrder()), "Comparators$NaturalOrderComparator");
        table.add(new Wrappers.Only("reverseOrder", Collections.reverseOrder()), "Collections$ReverseComparator");
        Form ignoringCase = new Wrappers.Only("caseInsensitiveOrder", String.CASE_INSENSITIVE_ORDER);
        table.add(ignoringCase);
        table.addClass(ignoringCase, String.CASE_INSENSITIVE_ORDER.getClass().getName());
        table.add(new Reversed(), "Collections$ReverseComparator2");
        table.add(new NullsFirstOrLast("nullsFirst", true));
        table.add(new NullsFirstOrLast("nullsLast", false), "Comparators$NullComparator");
    }

    private static @Nullable Comparator<?> comparatorOfSet(Object set) {
        return ((SortedSet<?>) set).comparator();
    }

    private static @Nullable Comparator<?> comparatorOfMap(Object map) {
        return ((SortedMap<?, ?>) map).comparator();
    }

    @SuppressWarnings({"unchecked", "NullAway"})
    static int compare(@Nullable Comparator<?> order, @Nullable Object left, @Nullable Object right) {
        return order == null
                ? ((Comparable<@Nullable Object>) left).compareTo(right)
                : ((Comparator<@Nullable Object>) order).compare(left, right);
    }

    private static void charge(Progress progress, Progress.Keys keys, int parts) {
        progress.hashed(keys.size() * (32 - Integer.numberOfLeadingZeros(parts)) / 2);
    }

    /** A container with a comparator. */
    private static final class Sorted extends Form {

        private final boolean map;
        private final boolean whole;
        private final Function<Object, @Nullable Comparator<?>> order;
        private final Function<@Nullable Comparator<@Nullable Object>, Object> empty;

        /** @param whole whether all parts are in order, as against those of a heap */
        Sorted(
                String tag,
                boolean map,
                boolean whole,
                Function<Object, @Nullable Comparator<?>> order,
                Function<@Nullable Comparator<@Nullable Object>, Object> empty) {
            super(tag);
            this.map = map;
            this.whole = whole;
            this.order = order;
            this.empty = empty;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Comparator<?> comparator = order.apply(value);
            out.json().writeStartArray();
            out.value(comparator, Place.ANY);
            Progress.Keys keys;
            Object[] parts;
            if (map) {
                Map<?, ?> pairs = (Map<?, ?>) value;
                parts = pairs.keySet().toArray();
                keys = out.pairs(pairs.entrySet(), place);
            } else {
                parts = ((Collection<?>) value).toArray();
                keys = out.keys(Arrays.asList(parts), place.first());
            }
            out.json().writeEndArray();
            if (keys.dependency() != Progress.NONE) {
                throw new Refusal("its parts refer to what holds it");
            }
            for (int i = 1; i < parts.length; i++) {
                int before = whole ? i - 1 : (i - 1) / 2;
                int compared = compare(comparator, parts[before], parts[i]);
                if (whole ? compared >= 0 : compared > 0) {
                    throw new Refusal("its parts are not in order any more");
                }
            }
            charge(out.progress(), keys, parts.length);
        }

        @Override
        @SuppressWarnings("unchecked")
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            Object comparator = in.value(Place.ANY);
            Object container = empty.apply((Comparator<@Nullable Object>) comparator);
            in.made(number, container);
            in.json().nextToken();
            Progress.Keys keys = in.progress().keys();
            @Nullable Object[] parts = in.take(map ? in.pairs(place, keys) : in.keys(place.first(), keys));
            if (in.json().nextToken() != JsonToken.END_ARRAY || keys.dependency() != Progress.NONE) {
                throw new UnreadableException("parts that refer to what holds them");
            }
            int count = map ? parts.length / 2 : parts.length;
            charge(in.progress(), keys, count);
            if (container instanceof Map<?, ?> pairs) {
                for (int i = 0; i < parts.length; i += 2) {
                    ((Map<@Nullable Object, @Nullable Object>) pairs).put(parts[i], parts[i + 1]);
                }
            } else {
                Collections.addAll((Collection<@Nullable Object>) container, parts);
            }
            int size = container instanceof Map<?, ?> pairs ? pairs.size() : ((Collection<?>) container).size();
            if (size != count) {
                throw new UnreadableException("parts that are equal");
            }
            return container;
        }
    }

    /** {@code Collections.reverseOrder} of a comparator. */
    private static final class Reversed extends Form {

        Reversed() {
            super("reverseOrderOf");
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.value(Collections.reverseOrder((Comparator<?>) value), Place.ANY); // which gives back the first
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            Object first = in.value(Place.ANY);
            if (first == null) {
                throw new UnreadableException("no comparator");
            }
            return Collections.reverseOrder((Comparator<?>) first);
        }
    }

    /** {@code Comparator.nullsFirst} and {@code nullsLast}, of the natural order or another. */
    private static final class NullsFirstOrLast extends Form {

        private final boolean first;

        NullsFirstOrLast(String tag, boolean first) {
            super(tag);
            this.first = first;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        @SuppressWarnings("unchecked")
        Form exact(Object value) {
            boolean isFirst = ((Comparator<@Nullable Object>) value).compare(null, "") < 0;
            Form other = JdkKinds.ofTag(isFirst ? "nullsFirst" : "nullsLast");
            return other == null ? this : other;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.value(SerialParts.only(value), Place.ANY);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            Comparator<?> real = (Comparator<?>) in.value(Place.ANY);
            return first ? Comparator.nullsFirst(real) : Comparator.nullsLast(real);
        }
    }
}
