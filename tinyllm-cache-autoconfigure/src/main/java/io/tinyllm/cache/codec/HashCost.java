package io.tinyllm.cache.codec;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The cost of putting keys into a container that hashes them. Whoever chooses the keys may choose such whose hash
 * codes meet, and then each is compared with all others. Stateless.
 */
final class HashCost {

    /** So many keys are never too many. */
    static final int FEW = 64;

    private static final int SHORT_RUN = 8;

    /** Classes whose objects hash maps tell apart quickly even where their hash codes are the same. */
    private static final Set<Class<?>> ORDERED = Set.of(
            String.class,
            Integer.class,
            Long.class,
            Short.class,
            Byte.class,
            Character.class,
            Double.class,
            Float.class,
            UUID.class);

    private HashCost() {}

    /**
     * Charges what hashing these keys costs, and comparing those whose hash codes meet.
     *
     * @param chains how many chains the hash codes are spread over; 0 where equal hash codes alone meet
     */
    static void charge(Progress progress, Progress.Keys known, @Nullable Object[] keys, int chains) {
        progress.hashed(known.size());
        if (keys.length > FEW) {
            compare(progress, known, keys, chains);
        }
    }

    /** Charges the comparing alone. */
    static void compare(Progress progress, Progress.Keys known, @Nullable Object[] keys, int chains) {
        if (chains == 0 && areOrdered(keys)) {
            return;
        }
        int[] hashes = new int[keys.length];
        for (int i = 0; i < keys.length; i++) {
            int hash = Objects.hashCode(keys[i]);
            hashes[i] = chains == 0 ? hash : (hash & Integer.MAX_VALUE) % chains;
        }
        Arrays.sort(hashes);
        long size = Math.max(1, known.size() / keys.length);
        int first = 0;
        for (int i = 1; i <= hashes.length; i++) {
            if (i == hashes.length || hashes[i] != hashes[first]) {
                long run = i - first;
                if (run > SHORT_RUN) {
                    progress.compared(run * run / 2 * size);
                }
                first = i;
            }
        }
    }

    private static boolean areOrdered(@Nullable Object[] keys) {
        for (Object key : keys) {
            if (key != null && !ORDERED.contains(key.getClass())) {
                return false;
            }
        }
        return true;
    }
}
