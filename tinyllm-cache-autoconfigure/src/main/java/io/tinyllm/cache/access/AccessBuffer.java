package io.tinyllm.cache.access;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.Hashes;
import io.tinyllm.cache.core.port.AccessRecorder;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The accesses to one cache that nobody has looked at yet: rings among which threads are spread, bounded and lossy.
 * Recording takes no lock and never waits, and allocates nothing where the key is light ({@link LightKeys}); where a
 * ring is full, or the keys of all caches take too many bytes, the access is left out. Hits may
 * fill three quarters of a ring only, so that what is rarer and says more (misses, loads, writes) still finds room.
 * Thread-safe; one thread at a time drains.
 */
public final class AccessBuffer implements AccessRecorder {

    /** Says that nobody asks whose accesses they are. */
    public static final LongSupplier NO_SESSIONS = () -> 0;

    /** One hit in so many is timed once there are many. */
    static final int SAMPLE = 64;

    /** Accesses that fit in, over all rings. */
    public static final int CAPACITY = 4096;

    private static final int RINGS = rings(Runtime.getRuntime().availableProcessors());
    private static final int RING_CAPACITY = CAPACITY / RINGS;

    /** Above so many accesses between two turns of the loop, hits are sampled. */
    private static final int MANY = 256;

    /** Rings are made when first used: a cache on which nothing happens has none. */
    private final AtomicReferenceArray<@Nullable AccessRing> rings = new AtomicReferenceArray<>(RINGS);

    /** By ring: whether it has room for no more hits, so that the many that follow cost next to nothing. */
    private final AtomicIntegerArray fullOfHits = new AtomicIntegerArray(RINGS);

    private final LongSupplier sessions;
    private final AccessBytes bytes;
    private final ToLongFunction<Object> weigher;

    /** Of the random numbers whose hit is timed, the bits that are zero. */
    private volatile int sampleMask;

    /**
     * Creates an empty buffer.
     * @param sessions whose access it is, asked on the caller's thread, or {@link #NO_SESSIONS}
     * @param bytes what the keys of all buffers may take
     * @param weigher estimates the bytes of a key; never fails
     */
    public AccessBuffer(LongSupplier sessions, AccessBytes bytes, ToLongFunction<Object> weigher) {
        this.sessions = sessions;
        this.bytes = bytes;
        this.weigher = weigher;
    }

    private static int rings(int processors) {
        return Math.min(16, Integer.highestOneBit(Math.max(1, 2 * processors - 1)) << 1);
    }

    @Override
    public Recording hitRecording() {
        if (sessions == NO_SESSIONS
                && fullOfHits.getOpaque(index(Thread.currentThread().getId())) != 0) {
            return Recording.LEFT_OUT;
        }
        int mask = sampleMask;
        return mask == 0 || (ThreadLocalRandom.current().nextInt() & mask) == 0 ? Recording.TIMED : Recording.UNTIMED;
    }

    @Override
    public void record(Object key, Outcome outcome, long nanos) {
        // What follows each other is kept in one ring: the accesses of a session where sessions are asked for, else
        // those of a thread.
        long whose = sessions != NO_SESSIONS
                ? sessions.getAsLong()
                : Thread.currentThread().getId();
        int index = index(whose);
        boolean hit = outcome == Outcome.MEMORY_HIT;
        if (hit && fullOfHits.getOpaque(index) != 0) {
            return;
        }
        int weight = bytes.take(key, weigher);
        if (weight == AccessBytes.NO_ROOM) {
            return;
        }
        boolean sampled = hit && nanos >= 0 && sampleMask != 0;
        boolean fits = ring(index)
                .offer(
                        key,
                        Packed.of(outcome, nanos, sampled, weight),
                        hit ? RING_CAPACITY - RING_CAPACITY / 4 : RING_CAPACITY,
                        whose);
        if (!fits) {
            bytes.give(weight);
        }
        if (hit && !fits) {
            fullOfHits.setOpaque(index, 1);
        }
    }

    /** Returns the ring of a thread: neighbouring numbers fall on different ones. */
    private static int index(long whose) {
        return Hashes.stripe((int) whose, 16) & (RINGS - 1);
    }

    private AccessRing ring(int index) {
        AccessRing ring = rings.get(index);
        return ring != null ? ring : newRing(index);
    }

    private AccessRing newRing(int index) {
        AccessRing ring = new AccessRing(RING_CAPACITY, sessions != NO_SESSIONS);
        AccessRing other = rings.compareAndExchange(index, null, ring);
        return other == null ? ring : other;
    }

    /** Moves what there is to an empty batch. */
    public void drainTo(AccessBatch batch) {
        for (int i = 0; i < RINGS; i++) {
            AccessRing ring = rings.get(i);
            if (ring != null) {
                ring.drainTo(batch, bytes);
                fullOfHits.setOpaque(i, 0);
            }
        }
    }

    /** Says how many accesses came since the loop last turned: while there are few, every hit is timed. */
    public void adapt(int accesses) {
        sampleMask = accesses > MANY ? SAMPLE - 1 : 0;
    }
}
