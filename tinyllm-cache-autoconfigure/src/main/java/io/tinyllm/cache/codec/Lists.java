package io.tinyllm.cache.codec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.Objects;
import java.util.Stack;
import java.util.Vector;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The forms of lists and queues, whose parts are neither hashed nor compared. Stateless. */
final class Lists {

    static final Form ARRAY_LIST = new Growing("ArrayList", ArrayList::new) {
        @Override
        boolean isNatural(Object value) {
            return true;
        }
    };

    private static final Form LIST_OF = new Fixed("ListOf", List::of);
    private static final Form TO_LIST =
            new Fixed("toList", parts -> Stream.of(parts).toList());

    private Lists() {}

    static void addTo(JdkKinds.Table table) {
        table.add(ARRAY_LIST, "ArrayList");
        table.view(ARRAY_LIST, "ArrayList$SubList", "AbstractList$SubList", "AbstractList$RandomAccessSubList");
        table.view(
                ARRAY_LIST,
                "HashMap$Values",
                "LinkedHashMap$LinkedValues",
                "TreeMap$Values",
                "Hashtable$ValueCollection");
        table.view(ARRAY_LIST, "concurrent.ConcurrentHashMap$ValuesView", "concurrent.ConcurrentSkipListMap$Values");
        table.view(ARRAY_LIST, "IdentityHashMap$Values", "EnumMap$Values", "AbstractMap$2");
        table.view(ARRAY_LIST, "ReverseOrderListView", "ReverseOrderListView$Rand");
        table.add(new Growing("LinkedList", LinkedList::new), "LinkedList");
        table.add(new Growing("ArrayDeque", ArrayDeque::new), "ArrayDeque");
        table.add(new Growing("Vector", Vector::new), "Vector");
        table.add(new Growing("Stack", Stack::new), "Stack");
        table.add(new Growing("CopyOnWriteArrayList", CopyOnWriteArrayList::new), "concurrent.CopyOnWriteArrayList");
        table.add(new Growing("ConcurrentLinkedQueue", ConcurrentLinkedQueue::new), "concurrent.ConcurrentLinkedQueue");
        table.add(new Growing("ConcurrentLinkedDeque", ConcurrentLinkedDeque::new), "concurrent.ConcurrentLinkedDeque");
        table.add(new Growing("LinkedTransferQueue", LinkedTransferQueue::new), "concurrent.LinkedTransferQueue");
        table.add(
                new Bounded(
                        "LinkedBlockingQueue",
                        LinkedBlockingQueue::new,
                        queue -> ((LinkedBlockingQueue<?>) queue).remainingCapacity() + queue.size()),
                "concurrent.LinkedBlockingQueue");
        table.add(
                new Bounded(
                        "LinkedBlockingDeque",
                        LinkedBlockingDeque::new,
                        queue -> ((LinkedBlockingDeque<?>) queue).remainingCapacity() + queue.size()),
                "concurrent.LinkedBlockingDeque");
        table.add(
                new ListOf(),
                "ImmutableCollections$ListN",
                "ImmutableCollections$List12",
                "ImmutableCollections$SubList");
        table.add(LIST_OF);
        table.add(TO_LIST);
        table.add(new Fixed("emptyList", parts -> Collections.emptyList()), "Collections$EmptyList");
        table.add(
                new Fixed("singletonList", parts -> Collections.singletonList(parts[0])), "Collections$SingletonList");
        table.add(new Fixed("nCopies", Lists::copies), "Collections$CopiesList");
    }

    private static Collection<?> copies(@Nullable Object[] parts) {
        if (parts.length == 0) {
            return Collections.nCopies(0, null);
        }
        if (!Arrays.stream(parts).allMatch(part -> Objects.equals(part, parts[0]))) {
            throw new UnreadableException("copies that differ");
        }
        return Collections.nCopies(parts.length, parts[0]);
    }

    /** A collection that is made empty and takes its parts one by one. */
    static class Growing extends Form {

        private final Supplier<Collection<@Nullable Object>> empty;

        Growing(String tag, Supplier<Collection<@Nullable Object>> empty) {
            super(tag);
            this.empty = empty;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.parts((Collection<?>) value, place.first());
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            Collection<@Nullable Object> collection = empty.get();
            in.made(number, collection);
            int from = in.parts(place.first());
            Collections.addAll(collection, in.take(from));
            return collection;
        }
    }

    /** A queue with a capacity. */
    private static final class Bounded extends Form {

        private final IntFunction<Collection<@Nullable Object>> empty;
        private final Function<Collection<?>, Integer> capacity;

        Bounded(
                String tag,
                IntFunction<Collection<@Nullable Object>> empty,
                Function<Collection<?>, Integer> capacity) {
            super(tag);
            this.empty = empty;
            this.capacity = capacity;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            Collection<?> queue = (Collection<?>) value;
            out.json().writeStartArray();
            out.json().writeNumber(capacity.apply(queue));
            out.parts(queue, place.first());
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            Collection<@Nullable Object> queue = empty.apply(in.intValue());
            in.made(number, queue);
            in.json().nextToken();
            int from = in.parts(place.first());
            Collections.addAll(queue, in.take(from));
            in.endOfArray();
            return queue;
        }
    }

    /** An unmodifiable list that is made of its parts. */
    static class Fixed extends Form {

        private final Function<@Nullable Object[], Collection<?>> of;

        Fixed(String tag, Function<@Nullable Object[], Collection<?>> of) {
            super(tag);
            this.of = of;
        }

        @Override
        boolean isMadeOfParts() {
            return true;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            out.parts((Collection<?>) value, place.first());
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            @Nullable Object[] parts = in.take(in.parts(place.first()));
            Collection<?> collection = of.apply(parts);
            if (collection.size() != parts.length) {
                throw new UnreadableException("another number of parts");
            }
            return collection;
        }
    }

    /** {@code List.of} and {@code Stream.toList} share a class; the second may hold null. */
    private static final class ListOf extends StandIn {

        ListOf() {
            super("ListOf or toList");
        }

        @Override
        Form exact(Object value) {
            return takesNull((List<?>) value) ? TO_LIST : LIST_OF;
        }

        private static boolean takesNull(List<?> list) {
            try {
                return list.contains(null) || true;
            } catch (NullPointerException takesNone) {
                return false;
            }
        }

        @Override
        Object standsFor(Object value) {
            return value;
        }
    }
}
