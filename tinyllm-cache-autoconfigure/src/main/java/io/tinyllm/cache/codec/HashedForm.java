package io.tinyllm.cache.codec;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A container that hashes its parts, made empty and filled. The parts are put in when all that they refer to is
 * complete, so that their hash codes are final. What would take too long to fill, and parts that have become equal
 * since they were put in, are refused when written.
 */
abstract class HashedForm extends Form {

    private final boolean map;

    HashedForm(String tag, boolean map) {
        super(tag);
        this.map = map;
    }

    /** An empty container; the number of its parts is known only where it is made of them. */
    abstract Object empty(int size);

    /** How many chains hash codes are spread over; 0 where equal hash codes alone meet. */
    int chains(int size) {
        return 0;
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        if (map) {
            Map<?, ?> pairs = (Map<?, ?>) value;
            Progress.Keys keys = out.pairs(pairs.entrySet(), place);
            check(out, pairs.keySet(), keys, chains(pairs.size()));
        } else {
            Collection<?> parts = (Collection<?>) value;
            Progress.Keys keys = out.keys(parts, place.first());
            check(out, parts, keys, chains(parts.size()));
        }
    }

    @Override
    Object read(GraphReader in, Place place, int number) {
        Object early = isMadeOfParts() ? null : empty(0);
        if (early != null) {
            in.made(number, early);
        }
        Progress.Keys keys = in.progress().keys();
        @Nullable Object[] parts = in.take(map ? in.pairs(place, keys) : in.keys(place.first(), keys));
        int size = map ? parts.length / 2 : parts.length;
        Object container = early == null ? empty(size) : early;
        in.fill(new Parts(container, parts, map, keys, chains(size), in.progress()), number, keys.dependency());
        return container;
    }

    /** Refuses keys that would not be found again, or only after too long. */
    static void check(GraphWriter out, Collection<?> keys, Progress.Keys known, int chains) {
        boolean plain = true;
        for (Object key : keys) {
            plain = plain && (key == null || key.getClass() == String.class || out.isPlainValue(key.getClass()));
        }
        out.progress().hashed(known.size());
        if (keys.size() > HashCost.FEW) {
            HashCost.compare(out.progress(), known, keys.toArray(), chains);
        }
        if (!plain && new HashSet<>(keys).size() != keys.size()) {
            throw new Refusal("two of its parts have become equal");
        }
    }

    /** The parts of a hashed container of the JDK. */
    static class Parts extends GraphReader.Filling {

        private final Object container;
        private final @Nullable Object[] parts;
        private final boolean map;
        private final Progress.Keys known;
        private final int chains;
        private final Progress progress;
        private int[] hashes = {};

        Parts(
                Object container,
                @Nullable Object[] parts,
                boolean map,
                Progress.Keys known,
                int chains,
                Progress progress) {
            this.container = container;
            this.parts = parts;
            this.map = map;
            this.known = known;
            this.chains = chains;
            this.progress = progress;
        }

        @Override
        void run() {
            HashCost.charge(progress, known, map ? keys() : parts, chains);
            put();
        }

        @Override
        boolean isStable() {
            return isWhole() && Arrays.equals(hashes, hashes());
        }

        @Override
        void runAgain() {
            clear();
            put();
        }

        private void put() {
            hashes = isLate() ? hashes() : hashes;
            putAll();
            if (!isLate() && !isWhole()) {
                throw new UnreadableException("parts that are equal");
            }
        }

        private boolean isWhole() {
            return size() == (map ? parts.length / 2 : parts.length);
        }

        private int[] hashes() {
            return Arrays.stream(map ? keys() : parts)
                    .mapToInt(Objects::hashCode)
                    .toArray();
        }

        private @Nullable Object[] keys() {
            @Nullable Object[] keys = new @Nullable Object[parts.length / 2];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = parts[2 * i];
            }
            return keys;
        }

        @SuppressWarnings("unchecked")
        void putAll() {
            if (map) {
                Map<@Nullable Object, @Nullable Object> pairs = (Map<@Nullable Object, @Nullable Object>) container;
                for (int i = 0; i < parts.length; i += 2) {
                    pairs.put(parts[i], parts[i + 1]);
                }
            } else {
                Collection<@Nullable Object> collection = (Collection<@Nullable Object>) container;
                for (Object part : parts) {
                    collection.add(part);
                }
            }
        }

        int size() {
            return container instanceof Map<?, ?> pairs ? pairs.size() : ((Collection<?>) container).size();
        }

        void clear() {
            if (container instanceof Map<?, ?> pairs) {
                pairs.clear();
            } else {
                ((Collection<?>) container).clear();
            }
        }
    }
}
