package io.tinyllm.cache.core;

import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TtlPolicy;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Makes the entries of a cache and tells their age: the one place that reads its clock. Thread-safe. */
final class Entries {

    private final CacheEntry.Factory factory;
    private final TtlPolicy ttl;
    private final Staleness staleness;
    private final CacheEntry.Policy policy;
    private final LongSupplier ticker;

    /** A time that is cheap to read and not behind the ticker: what is due by it may not be due yet. */
    private final LongSupplier ahead;

    Entries(CacheEntry.Factory factory, TtlPolicy ttl, Staleness staleness, LongSupplier ticker, LongSupplier ahead) {
        this.factory = factory;
        this.ttl = ttl;
        this.staleness = staleness;
        this.policy = staleness.policy();
        this.ticker = ticker;
        this.ahead = ahead;
    }

    long now() {
        return ticker.getAsLong();
    }

    long ahead() {
        return ahead.getAsLong();
    }

    /** Returns for how long a value stays fresh from now on; not positive where it is not to be kept at all. */
    long lifeNanos(Object key, @Nullable Object value) {
        return ttl.ttlNanos(key, value);
    }

    /** Returns how long the remote tier keeps as fresh what stays fresh here for a time. */
    long sharedNanos(Object key, @Nullable Object value, long lifeNanos) {
        return ttl.sharedNanos(key, value, lifeNanos);
    }

    CacheEntry create(@Nullable Object value, long ttlNanos, @Nullable Tagged tags) {
        return factory.create(value, now(), ttlNanos, policy.bearing(tags));
    }

    /** Makes an entry without tags that answers a caller and is stored nowhere. */
    CacheEntry answer(@Nullable Object value) {
        return answer(value, null);
    }

    /** Makes an entry that answers a caller and is stored nowhere. */
    CacheEntry answer(@Nullable Object value, @Nullable Tagged tags) {
        return factory.create(value, 0, CacheEntry.NEVER, CacheEntry.Policy.NONE.bearing(tags));
    }

    /** Makes the same entry, whose refresh has failed and is not tried again at every read. */
    CacheEntry refreshedLater(CacheEntry entry) {
        CacheEntry same = factory.create(
                entry.value(),
                entry.createdNanos(),
                entry.ttlNanos(),
                entry.policy().refreshedAt(Staleness.retryNanos(entry, now())));
        // It was a read that began the refresh.
        same.used(ahead());
        return same;
    }

    boolean isFresh(CacheEntry entry) {
        return Staleness.isFresh(entry, now());
    }

    boolean isServable(CacheEntry entry) {
        return staleness.isServable(entry, now());
    }

    boolean isDueForRefresh(CacheEntry entry) {
        return Staleness.isDueForRefresh(entry, now());
    }

    /** Returns whether any entry ever stands in for a load of this kind that fails. */
    boolean haveStandIns(boolean refresh) {
        return refresh || staleness.ifErrorNanos() > 0;
    }

    boolean standsIn(CacheEntry entry, boolean refresh) {
        return staleness.standsIn(entry, now(), refresh);
    }
}
