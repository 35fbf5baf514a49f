package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.PrefetchSettings;
import io.tinyllm.cache.settings.TuningMode;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The options of a prefetcher.
 * @param observe predict and judge the predictions, but load nothing
 * @param window how many accesses ahead a prediction reaches at most
 * @param minimumConfidence the share of the visits to a key that its successor must have followed; also the precision
 *     below which prefetching pauses
 * @param maximumPredictions how many keys one access may have prefetched
 * @param maximumConcurrency how many prefetches run at a time
 * @param queueCapacity how many wait for their turn; the oldest gives way
 * @param contexts how many keys the model knows successors of
 * @param sessions how many sessions are told apart
 * @param maximumStaged how many prefetched entries may be staged at most; fewer do where the rest of the cache has more
 *     use for the places
 * @param maximumKeyBytes how many bytes of keys the model may keep
 */
public record PrefetchOptions(
        boolean observe,
        int window,
        double minimumConfidence,
        int maximumPredictions,
        int maximumConcurrency,
        int queueCapacity,
        int contexts,
        int sessions,
        int maximumStaged,
        long maximumKeyBytes) {

    /** The keys that one cache's model keeps alive may take this part of the heap. */
    private static final int KEYS_OF_HEAP = 32;

    /** After so many failures in a row prefetching pauses. */
    static final int FAILURES_TO_PAUSE = 3;

    static final long SHORTEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(64);

    private static final int MAXIMUM_CONTEXTS = 65_536;
    private static final int MAXIMUM_STAGED = 65_536;

    public PrefetchOptions {
        requirePositive("window", window);
        requirePositive("maximumPredictions", maximumPredictions);
        requirePositive("maximumConcurrency", maximumConcurrency);
        requirePositive("queueCapacity", queueCapacity);
        requirePositive("contexts", contexts);
        requirePositive("sessions", sessions);
        requirePositive("maximumStaged", maximumStaged);
        requirePositive("maximumKeyBytes", maximumKeyBytes);
        if (!(minimumConfidence >= 0 && minimumConfidence <= 1)) {
            throw new IllegalArgumentException("minimumConfidence must be in 0..1: " + minimumConfidence);
        }
    }

    /**
     * Checks what can be wrong about the settings beyond their ranges.
     * @throws InvalidCacheSettingException if the cache holds nothing in memory
     */
    public static void check(CacheDefinition definition) {
        if (definition.settings().getPrefetch().isEnabled()) {
            definition.requireMemory("prefetch");
        }
    }

    /** Returns the options of a cache, null where nothing is prefetched. */
    public static @Nullable PrefetchOptions of(CacheDefinition definition) {
        PrefetchSettings prefetch = definition.settings().getPrefetch();
        return prefetch.isEnabled()
                ? forCache(
                        definition.largestSize(),
                        prefetch.getMode() == TuningMode.OBSERVE,
                        prefetch.getWindow(),
                        prefetch.getMinimumConfidence(),
                        prefetch.getMaximumPredictions(),
                        prefetch.getMaximumConcurrency())
                : null;
    }

    /**
     * The settings for a cache of a maximum size: 16 contexts an entry, at least 1,024 and at most 65,536; staged at
     * most half of the maximum size; keys in the model of at most a thirty-second part of the heap.
     */
    public static PrefetchOptions forCache(
            long maximumSize,
            boolean observe,
            int window,
            double minimumConfidence,
            int maximumPredictions,
            int maximumConcurrency) {
        return new PrefetchOptions(
                observe,
                window,
                minimumConfidence,
                maximumPredictions,
                maximumConcurrency,
                Math.max(64, 8 * maximumConcurrency),
                (int) Math.max(1024, Math.min(MAXIMUM_CONTEXTS, 16 * Math.min(maximumSize, MAXIMUM_CONTEXTS))),
                4096,
                Math.max(1, maximumStagedOf(maximumSize)),
                Runtime.getRuntime().maxMemory() / KEYS_OF_HEAP);
    }

    /**
     * How many of the entries of a cache may at most be prefetched ones that nobody has asked for.
     * @param maximumSize the most that the cache may hold
     */
    public static int maximumStagedOf(long maximumSize) {
        return (int) Math.min(MAXIMUM_STAGED, maximumSize / 2);
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1: " + value);
        }
    }
}
