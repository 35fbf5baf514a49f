package io.tinyllm.cache.redis;

import io.tinyllm.cache.core.Hashes;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys that were found missing a moment ago. A server removes an expired key when somebody asks for it, and then
 * tells everybody of the removal, the one who asked too: which must not make void what that one has begun to load
 * since. News of such a key may be that, or a change; who hears it asks the server which. Bounded and lossy: what is
 * not remembered counts as changed. Thread-safe.
 */
final class RecentMisses {

    private static final int BITS = 10;
    private static final int SLOTS = 1 << BITS;
    private static final long MOMENT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicReferenceArray<@Nullable Miss> slots = new AtomicReferenceArray<>(SLOTS);
    private final LongSupplier ticker;

    RecentMisses(LongSupplier ticker) {
        this.ticker = ticker;
    }

    void add(byte[] redisKey) {
        slots.set(slot(redisKey), new Miss(redisKey, ticker.getAsLong()));
    }

    boolean contains(byte[] redisKey) {
        Miss miss = slots.get(slot(redisKey));
        return miss != null
                && ticker.getAsLong() - miss.nanos <= MOMENT_NANOS
                && Arrays.equals(miss.redisKey, redisKey);
    }

    private static int slot(byte[] redisKey) {
        return Hashes.stripe(Arrays.hashCode(redisKey), BITS);
    }

    private record Miss(byte[] redisKey, long nanos) {}
}
