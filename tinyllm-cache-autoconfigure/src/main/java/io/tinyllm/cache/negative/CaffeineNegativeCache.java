package io.tinyllm.cache.negative;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tinyllm.cache.LoadTimeoutException;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.ReentrantLoadException;
import io.tinyllm.cache.core.port.NegativeCache;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.settings.NegativeSettings;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers absent and failing keys in a bounded cache of their own, so that a flood of them evicts no value.
 * Thread-safe.
 *
 * <p>Errors, interruptions, cancellations and faults of the cache itself are never remembered.
 */
public final class CaffeineNegativeCache implements NegativeCache {

    private static final Negative ABSENT = () -> null;

    private final Cache<Object, Negative> known;
    private final Set<String> exceptions;
    private final boolean cacheNull;
    private final long ttlNanos;

    /**
     * Checks what can be wrong about the settings beyond their ranges.
     * @throws InvalidCacheSettingException if the name of an exception names none
     */
    public static void check(CacheDefinition definition) {
        NegativeSettings settings = definition.settings().getNegative();
        if (!settings.isEnabled()) {
            return;
        }
        for (String type : settings.getExceptions()) {
            if (!isException(type)) {
                throw definition.invalid(
                        "negative.exceptions",
                        type,
                        "the names of classes on the class path that are exceptions",
                        "Correct the name; it includes the package, and a '$' before the name of a nested class.");
            }
        }
    }

    private static boolean isException(String type) {
        try {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            return Throwable.class.isAssignableFrom(Class.forName(type, false, loader));
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /**
     * Creates the negative cache of a cache, empty.
     * @param definition the cache
     * @param ticker the monotonic time in nanoseconds
     * @param maintenance runs Caffeine's upkeep
     * @return the negative cache, {@link NegativeCache#none()} where negative caching is off
     */
    public static NegativeCache of(CacheDefinition definition, LongSupplier ticker, Executor maintenance) {
        NegativeSettings settings = definition.settings().getNegative();
        return settings.isEnabled()
                ? new CaffeineNegativeCache(
                        TtlPolicy.saturatedNanos(settings.getTimeToLive()),
                        settings.getMaximumSize(),
                        Set.copyOf(settings.getExceptions()),
                        settings.isCacheNull(),
                        ticker,
                        maintenance)
                : NegativeCache.none();
    }

    /**
     * Creates an empty one.
     * @param ttlNanos how long something is remembered
     * @param maximumSize the most keys remembered
     * @param exceptions class names of the exceptions remembered, subclasses included; empty for all
     * @param cacheNull whether absences are remembered
     * @param ticker the monotonic time in nanoseconds
     * @param maintenance runs Caffeine's upkeep
     */
    public CaffeineNegativeCache(
            long ttlNanos,
            long maximumSize,
            Set<String> exceptions,
            boolean cacheNull,
            LongSupplier ticker,
            Executor maintenance) {
        this.known = Caffeine.newBuilder()
                .maximumSize(maximumSize)
                .expireAfterWrite(ttlNanos, TimeUnit.NANOSECONDS)
                .ticker(ticker::getAsLong)
                .executor(maintenance)
                .build();
        this.ttlNanos = ttlNanos;
        this.exceptions = Set.copyOf(exceptions);
        this.cacheNull = cacheNull;
    }

    @Override
    public @Nullable Negative get(Object key) {
        return known.getIfPresent(key);
    }

    @Override
    public boolean handlesNull() {
        return true;
    }

    @Override
    public void rememberNull(Object key, @Nullable Tagged tags) {
        if (cacheNull) {
            known.put(key, tags == null ? ABSENT : new Remembered(() -> null, tags));
        }
    }

    @Override
    public void rememberFailure(Object key, Throwable failure, @Nullable Tagged tags) {
        if (isWanted(failure)) {
            Supplier<Throwable> copies = FailureCopier.copies(failure);
            known.put(key, tags == null ? copies::get : new Remembered(copies, tags));
        }
    }

    /** An absence or failure that is remembered, with its tags. */
    private record Remembered(Supplier<? extends @Nullable Throwable> copies, Tagged tags) implements Negative {

        @Override
        public @Nullable Throwable failure() {
            return copies.get();
        }
    }

    private boolean isWanted(Throwable failure) {
        if (!(failure instanceof Exception)
                || failure instanceof InterruptedException
                || failure instanceof CancellationException
                || failure instanceof LoadTimeoutException
                || failure instanceof LoadFailedException
                || failure instanceof ReentrantLoadException) {
            return false;
        }
        if (exceptions.isEmpty()) {
            return true;
        }
        for (Class<?> type = failure.getClass(); type != null; type = type.getSuperclass()) {
            if (exceptions.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void remove(Object key) {
        known.invalidate(key);
    }

    @Override
    public void clear() {
        known.invalidateAll();
    }

    @Override
    public long lifeNanos() {
        return ttlNanos;
    }

    @Override
    public void forEachKey(Consumer<Object> visitor) {
        known.asMap().keySet().forEach(visitor);
    }

    @Override
    public long size() {
        return known.estimatedSize();
    }
}
