package io.tinyllm.cache.tags;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.TagPolicy;
import io.tinyllm.cache.core.port.Tagged;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/** The tags of one cache. Thread-safe. */
final class CacheTagPolicy implements TagPolicy {

    private static final Log log = LogFactory.getLog(CacheTagPolicy.class);

    /** The most tags of an entry, as many as its stored form has room for. */
    private static final int MOST = 254;

    private final Barriers barriers;
    private final Map<String, Barrier> ofCache;
    private final List<TagResolver> resolvers;
    private final String cacheName;
    private final Runnable onError;
    private final AtomicBoolean warned = new AtomicBoolean();

    CacheTagPolicy(Barriers barriers, List<TagResolver> resolvers, String cacheName, Runnable onError) {
        this.barriers = barriers;
        this.ofCache = barriers.of(cacheName);
        this.resolvers = resolvers;
        this.cacheName = cacheName;
        this.onError = onError;
    }

    @Override
    public Moment now() {
        return barriers.now();
    }

    @Override
    public @Nullable Tagged of(Object key, @Nullable Object value, Moment began) {
        if (resolvers.isEmpty()) {
            return null;
        }
        List<String> names = new ArrayList<>(2);
        for (TagResolver resolver : resolvers) {
            try {
                for (String tag : resolver.tags(cacheName, key, value)) {
                    if (!names.contains(Target.checked(tag))) {
                        names.add(tag);
                    }
                }
            } catch (RuntimeException e) {
                return refused(resolver, e);
            }
        }
        if (names.size() > MOST) {
            return refused(resolvers.get(0), new IllegalArgumentException("More than " + MOST + " tags"));
        }
        return names.isEmpty() ? null : new Tagged(List.copyOf(names), began);
    }

    private Tagged refused(TagResolver resolver, RuntimeException failure) {
        onError.run();
        if (warned.compareAndSet(false, true)) {
            // Without its message, which may quote a key.
            log.warn("Cache '" + cacheName + "' does not keep entries whose tags cannot be told: "
                    + resolver.getClass().getName() + " failed or gave a bad tag ("
                    + failure.getClass().getName() + "); tags have 1 to 256 characters");
        }
        return Tagged.REFUSED;
    }

    @Override
    public boolean isEvicted(Tagged tags) {
        return barriers.isEvicted(tags, ofCache);
    }

    @Override
    public boolean isEvicted(Tagged tags, Moment asOf) {
        // Of several barriers of a tag the latest is known: it stands for whichever came in between.
        return asOf.local() > tags.moment().local() && barriers.isEvicted(tags, ofCache);
    }

    @Override
    public boolean isEvictedFromShared(Tagged tags) {
        return barriers.isEvictedFromShared(tags, ofCache);
    }

    @Override
    public @Nullable String evictedBy(Tagged tags) {
        return barriers.evictedBy(tags, ofCache);
    }
}
