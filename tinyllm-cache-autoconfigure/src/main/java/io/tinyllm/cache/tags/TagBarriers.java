package io.tinyllm.cache.tags;

import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.TagFeed;
import io.tinyllm.cache.core.port.TagPolicy;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Evicts by tag for all caches of one manager. An eviction raises a barrier, which ends every entry of the tag that is
 * older, and touches no entry: it costs the same for ten of them and for ten million. Thread-safe.
 *
 * <p>What is older than what is told by numbers, not by clocks. An entry bears the number of the latest barrier that
 * its JVM knew of when its load began. In memory and in files that is the order of this JVM. In the shared tier it is
 * the order that the tier itself gives to barriers; a barrier that could not be told there ends all that bears the tag,
 * as far as this JVM is concerned, until it can be.
 */
public final class TagBarriers implements CacheTags, TagPolicy.Factory, TagFeed.Listener {

    private static final Log log = LogFactory.getLog(TagBarriers.class);

    /** For how long a load may go on after its entry would have expired. */
    private static final long LOADS_MICROS = TimeUnit.HOURS.toMicros(1);

    private final Barriers barriers;
    private final List<TagResolver> resolvers;
    private final int maximum;
    private final long patienceNanos;
    private final Executor executor;
    private final Map<String, Cache> caches = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> evictions = new ConcurrentHashMap<>();
    private final LongAdder evictionsEverywhere = new LongAdder();
    private final LongAdder clears = new LongAdder();
    private final Object saving = new Object();
    private volatile @Nullable TagFeed feed;
    private volatile BarrierFile file = BarrierFile.NONE;
    private volatile boolean savesFail;

    /**
     * Creates an order without barriers.
     * @param resolvers say which tags entries bear
     * @param maximum the most barriers that are remembered
     * @param patienceNanos how long an eviction waits for the shared tier
     * @param micros about the microseconds since 1970; may be set back, and differ between JVMs
     * @param executor clears caches and saves barriers
     */
    public TagBarriers(
            List<TagResolver> resolvers, int maximum, long patienceNanos, LongSupplier micros, Executor executor) {
        this.barriers = new Barriers(micros);
        this.resolvers = List.copyOf(resolvers);
        this.maximum = maximum;
        this.patienceNanos = patienceNanos;
        this.executor = executor;
    }

    // ------------------------------------------------------------ its parts

    @Override
    public TagPolicy policy(String cacheName, Runnable onError) {
        return new CacheTagPolicy(barriers, resolvers, cacheName, onError);
    }

    @Override
    public void register(String cacheName, long lifeNanos, Runnable clear) {
        caches.put(cacheName, new Cache(lifeNanos, clear));
    }

    /** Tells other JVMs of evictions from now on, and hears of theirs. */
    public void share(TagFeed shared) {
        if (feed == null) {
            feed = shared;
            shared.onEviction(this);
        }
    }

    /** Keeps barriers in a file from now on, and takes over those that are there. */
    public void keepIn(BarrierFile kept) {
        synchronized (saving) {
            if (file != BarrierFile.NONE) {
                return;
            }
            try {
                BarrierFormat.read(kept.read(), barriers);
            } catch (IOException e) {
                log.warn("The evictions by tag of earlier runs cannot be read (" + e.getMessage()
                        + "): whatever bears a tag in a snapshot counts as evicted");
                barriers.forget(new Moment(barriers.tick(), 0));
            }
            file = kept;
        }
        save();
    }

    // ------------------------------------------------------------ evicting

    @Override
    public void evict(String tag) {
        evict(new Target(null, Target.checked(tag)));
        evictionsEverywhere.increment();
    }

    @Override
    public void evict(String cacheName, String tag) {
        evict(new Target(cacheName, Target.checked(tag)));
        evictions.computeIfAbsent(cacheName, name -> new LongAdder()).increment();
    }

    private void evict(Target target) {
        Barrier barrier = barriers.raise(target);
        bound();
        save();
        TagFeed shared = feed;
        if (shared != null) {
            await(shared.tell(target.text()).thenAccept(number -> {
                barriers.told(target, barrier.untold(), number);
                later(this::save);
            }));
        }
    }

    /** What does not arrive in time is told later; until then nothing of the tag is taken from the shared tier. */
    private void await(CompletableFuture<?> told) {
        try {
            told.get(patienceNanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.debug("An eviction by tag has not reached the shared tier yet");
        }
    }

    private void bound() {
        Set<String> concerned = new TreeSet<>();
        for (Barrier dropped = barriers.dropBeyond(maximum); dropped != null; dropped = barriers.dropBeyond(maximum)) {
            String cache = dropped.target().cache();
            concerned.addAll(cache == null ? caches.keySet() : List.of(cache));
        }
        if (!concerned.isEmpty()) {
            log.warn("More than " + maximum + " evictions by tag are remembered (tinyllm.cache.tags.maximum): the "
                    + "caches that the oldest concern are cleared: " + concerned);
            concerned.forEach(this::clear);
        }
        long life = lifeMicros();
        if (life != Long.MAX_VALUE) {
            barriers.dropOlderThan(life);
        }
    }

    private void clear(String name) {
        Cache cache = caches.get(name);
        if (cache == null) {
            return;
        }
        clears.increment();
        later(cache.clear);
    }

    /** Runs what may block, away from threads that must not; what is rejected is made good by the next of its kind. */
    private void later(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("There is too much to do in the background");
        }
    }

    private long lifeMicros() {
        long nanos = 0;
        for (Cache cache : caches.values()) {
            nanos = Math.max(nanos, cache.lifeNanos);
        }
        return nanos == Long.MAX_VALUE ? nanos : TimeUnit.NANOSECONDS.toMicros(nanos) + LOADS_MICROS;
    }

    private void save() {
        synchronized (saving) {
            if (file == BarrierFile.NONE) {
                return;
            }
            try {
                file.write(BarrierFormat.write(barriers));
                savesFail = false;
            } catch (IOException | RuntimeException e) {
                if (!savesFail) {
                    savesFail = true;
                    log.warn("Evictions by tag cannot be written beside the snapshots, and would not survive a "
                            + "restart: " + e.getMessage());
                }
            }
        }
    }

    // ------------------------------------------------------------ the others

    @Override
    public void evicted(Map<String, Long> evictions) {
        boolean news = false;
        for (Map.Entry<String, Long> eviction : evictions.entrySet()) {
            Target target = Target.parse(eviction.getKey());
            news |= target != null && barriers.heard(target, eviction.getValue());
        }
        if (news) {
            bound();
            later(this::save);
        }
    }

    @Override
    public Map<String, Long> untold() {
        Map<String, Long> untold = new HashMap<>();
        for (Barrier barrier : barriers.all()) {
            if (barrier.untold() != 0) {
                untold.put(barrier.target().text(), barrier.untold());
            }
        }
        return untold;
    }

    @Override
    public void told(String name, long id, long number) {
        Target target = Target.parse(name);
        if (target != null) {
            barriers.told(target, id, number);
            later(this::save);
        }
    }

    @Override
    public void forgotten() {
        barriers.untellAll();
    }

    // ------------------------------------------------------------ figures

    /** Returns how often entries of a cache were evicted by a tag, by calls here. */
    public long evictions(String cacheName) {
        LongAdder own = evictions.get(cacheName);
        return evictionsEverywhere.sum() + (own == null ? 0 : own.sum());
    }

    /** Returns how often a cache was cleared because there were more barriers than are remembered. */
    public long clears() {
        return clears.sum();
    }

    /** Returns how many barriers are remembered. */
    public int size() {
        return barriers.all().size();
    }

    /** A cache that evictions concern. */
    private record Cache(long lifeNanos, Runnable clear) {}
}
