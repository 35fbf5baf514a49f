package io.tinyllm.cache.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Resizes a Caffeine cache so that it keeps what it has learnt. Caffeine itself begins anew: its admission window goes
 * back to one per cent, a growing sketch forgets all frequencies, and after a shrink it adapts as slowly as the larger
 * cache did. Here the parts keep their shares, the frequencies stay, and the period follows the size.
 *
 * <p>There is no public way to that, so it reaches into Caffeine (3.2.4 and 3.3). Where that is refused, on the module
 * path, in a native image or with a Caffeine of another make, Caffeine resizes in its own way from then on, and
 * one line at DEBUG says so. Thread-safe.
 */
final class LearntState {

    private static final Log log = LogFactory.getLog(LearntState.class);

    /** Null where this Caffeine refuses. */
    private static volatile @Nullable LearntState known = find();

    /** How many requests an adaptation of the window and a fading of the frequencies take, by entry. */
    private static final long PERIOD = 10;

    /**
     * By how many additions, by word of the table, a fading may set back their number: a word has 16 counts, and an
     * addition makes up to four of them odd. Were it more than a period has, 3.2 would wait long for the next.
     */
    private static final long ODD = 4;

    /** The four counts of a key are in one block of so many words. */
    private static final int BLOCK = 8;

    /** Every other count of a word. */
    private static final long LOWER = 0x0F0F_0F0F_0F0F_0F0FL;

    private static final long ABOVE = 0x8080_8080_8080_8080L;

    private final Class<?> type;
    private final VarHandle evictionLock;
    private final MethodHandle isWeighted;
    private final MethodHandle maximum;
    private final MethodHandle setMaximumSize;
    private final Property window;
    private final Property mainProtected;
    private final @Nullable Property step;
    private final @Nullable Property hits;
    private final @Nullable Property misses;
    private final MethodHandle frequencySketch;
    private final VarHandle table;
    private final VarHandle blockMask;
    private final VarHandle additions;
    private final VarHandle sampleSize;

    /** A number of Caffeine's with a getter and a setter. */
    private record Property(MethodHandle get, MethodHandle set) {

        static Property of(Lookup lookup, Class<?> owner, String name, Class<?> type)
                throws ReflectiveOperationException {
            String setter = "set" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
            return new Property(
                    lookup.findVirtual(owner, name, MethodType.methodType(type)),
                    lookup.findVirtual(owner, setter, MethodType.methodType(void.class, type)));
        }
    }

    private LearntState() throws ReflectiveOperationException {
        String internals = Caffeine.class.getPackageName();
        type = Class.forName(internals + ".BoundedLocalCache", false, Caffeine.class.getClassLoader());
        Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
        evictionLock = lookup.findVarHandle(type, "evictionLock", ReentrantLock.class);
        isWeighted = lookup.findVirtual(type, "isWeighted", MethodType.methodType(boolean.class));
        maximum = lookup.findVirtual(type, "maximum", MethodType.methodType(long.class));
        setMaximumSize = lookup.findVirtual(type, "setMaximumSize", MethodType.methodType(void.class, long.class));
        window = Property.of(lookup, type, "windowMaximum", long.class);
        mainProtected = Property.of(lookup, type, "mainProtectedMaximum", long.class);
        boolean adaptsItself = has(type, "stepSize");
        step = adaptsItself ? Property.of(lookup, type, "stepSize", double.class) : null;
        hits = adaptsItself ? Property.of(lookup, type, "hitsInSample", long.class) : null;
        misses = adaptsItself ? Property.of(lookup, type, "missesInSample", long.class) : null;
        Class<?> sketch = Class.forName(internals + ".FrequencySketch", false, Caffeine.class.getClassLoader());
        frequencySketch = lookup.findVirtual(type, "frequencySketch", MethodType.methodType(sketch));
        Lookup inSketch = MethodHandles.privateLookupIn(sketch, MethodHandles.lookup());
        table = inSketch.findVarHandle(sketch, "table", long[].class);
        blockMask = inSketch.findVarHandle(sketch, "blockMask", int.class);
        additions = inSketch.findVarHandle(sketch, "size", int.class);
        sampleSize = inSketch.findVarHandle(sketch, "sampleSize", int.class);
    }

    private static boolean has(Class<?> type, String method) {
        for (var declared : type.getDeclaredMethods()) {
            if (declared.getName().equals(method)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable LearntState find() {
        try {
            return new LearntState();
        } catch (Throwable e) {
            // a native image refuses with errors of its own
            log.debug("Caffeine cannot keep what it has learnt when a cache is resized", e);
            return null;
        }
    }

    /** Returns whether this Caffeine lets us in. */
    static boolean isKept() {
        return known != null;
    }

    /**
     * Changes the bound of a cache, keeping what it has learnt where that is possible.
     * @param cache the cache
     * @param bound its bound, in Caffeine's units
     */
    static void resize(Cache<?, ?> cache, long bound) {
        LearntState state = known;
        Object internal = cache.asMap();
        if (state != null && state.type.isInstance(internal)) {
            try {
                state.resizeInternal(internal, bound);
                cache.cleanUp();
                return;
            } catch (Throwable e) {
                known = null;
                log.debug("Caffeine did not keep what it has learnt when a cache was resized", e);
            }
        }
        cache.policy().eviction().orElseThrow().setMaximum(bound);
    }

    private void resizeInternal(Object cache, long bound) throws Throwable {
        Lock lock = (Lock) evictionLock.get(cache);
        lock.lock();
        try {
            long before = (long) maximum.invoke(cache);
            Object sketch = frequencySketch.invoke(cache);
            long[] frequencies = sketch == null ? null : (long[]) table.get(sketch);
            long windowBefore = (long) window.get().invoke(cache);
            long protectedBefore = (long) mainProtected.get().invoke(cache);
            double stepBefore = step == null ? 0 : (double) step.get().invoke(cache);
            long hitsBefore = hits == null ? 0 : (long) hits.get().invoke(cache);
            long missesBefore = misses == null ? 0 : (long) misses.get().invoke(cache);
            int additionsBefore = sketch == null ? 0 : (int) additions.get(sketch);
            setMaximumSize.invoke(cache, bound);
            long now = (long) maximum.invoke(cache);
            if (frequencies == null || before <= 0 || now <= 0 || now == before) {
                return;
            }
            double scale = (double) now / before;
            long windowNow = Math.max(1, Math.min(now, Math.round(windowBefore * scale)));
            window.set().invoke(cache, windowNow);
            mainProtected.set().invoke(cache, Math.min(now - windowNow, Math.round(protectedBefore * scale)));
            if (step != null && hits != null && misses != null) {
                step.set().invoke(cache, stepBefore * scale);
                hits.set().invoke(cache, hitsBefore);
                misses.set().invoke(cache, missesBefore);
            }
            keepFrequencies(sketch, frequencies, additionsBefore);
            if (!(boolean) isWeighted.invoke(cache)) {
                long length = fit(sketch, now);
                int period = (int) Math.min(Math.max(PERIOD * now, ODD * length), Integer.MAX_VALUE);
                sampleSize.set(sketch, period);
                // it is compared for equality
                additions.set(sketch, Math.min((int) additions.get(sketch), period - 1));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Counts are found by the lower bits of the hash, so that a larger table begins as copies of the smaller. */
    private void keepFrequencies(Object sketch, long[] before, int additionsBefore) {
        long[] now = (long[]) table.get(sketch);
        if (now == before || now.length < before.length) {
            return;
        }
        for (int i = 0; i < now.length; i++) {
            now[i] = before[i & (before.length - 1)];
        }
        additions.set(sketch, additionsBefore);
    }

    /** Folds a table that is too large for the period of a bound; answers how long it is then. */
    private int fit(Object sketch, long bound) {
        long[] before = (long[]) table.get(sketch);
        int length = before.length;
        while (length > BLOCK && ODD * length > PERIOD * bound) {
            length /= 2;
        }
        if (length < before.length) {
            long[] folded = Arrays.copyOf(before, length);
            for (int i = length; i < before.length; i++) {
                int at = i & (length - 1);
                folded[at] = larger(folded[at], before[i]);
            }
            blockMask.set(sketch, length / BLOCK - 1);
            table.set(sketch, folded);
        }
        return length;
    }

    /** The larger of every two counts. */
    private static long larger(long some, long others) {
        return largerOfLower(some & LOWER, others & LOWER)
                | largerOfLower(some >>> 4 & LOWER, others >>> 4 & LOWER) << 4;
    }

    private static long largerOfLower(long some, long others) {
        long notLess = ((some | ABOVE) - others & ABOVE) >>> 7;
        long mask = notLess * 0x0F;
        return some & mask | others & ~mask;
    }
}
