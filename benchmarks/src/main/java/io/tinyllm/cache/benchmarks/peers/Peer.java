package io.tinyllm.cache.benchmarks.peers;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Whose cache is measured, each as its own documentation configures it, with one limit and one expiry for all. */
public enum Peer {

    /** This library, with every default on: it counts, records accesses for analytics, and shares loads. */
    TINYLLM("tinyllm", PeerConfigurations.Ours.class),

    /** Spring's adapter of Caffeine. */
    SPRING_CAFFEINE("Spring + Caffeine", PeerConfigurations.SpringCaffeine.class),

    /** The Spring adapter that cache2k publishes. */
    CACHE2K("cache2k", PeerConfigurations.Cache2k.class),

    /** Ehcache 3 on the heap, through JSR-107 and Spring's adapter of it. */
    EHCACHE("Ehcache", PeerConfigurations.Ehcache.class),

    /** Infinispan embedded, local, entries as objects on the heap. */
    INFINISPAN("Infinispan", PeerConfigurations.Infinispan.class),

    /** Caffeine without an adapter: the limit of a cache on top of it, not a peer. */
    CAFFEINE("bare Caffeine", null);

    /** The name of the cache that is measured. */
    static final String CACHE = "measured";

    private final String label;
    private final @Nullable Class<?> configuration;

    Peer(String label, @Nullable Class<?> configuration) {
        this.label = label;
        this.configuration = configuration;
    }

    /** What tables call it. */
    public String label() {
        return label;
    }

    /** Whether it answers annotated methods. */
    public boolean hasAnnotations() {
        return configuration != null;
    }

    /**
     * An open application with this cache and further beans; empty of caches for bare Caffeine.
     * @param entries how many entries the cache holds
     */
    AnnotationConfigApplicationContext open(int entries, Class<?>... beans) {
        return open(Map.of("measured.entries", entries), beans);
    }

    /** The same with properties of its own. */
    AnnotationConfigApplicationContext open(Map<String, Object> properties, Class<?>... beans) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("measured", properties));
        if (configuration != null) {
            context.register(configuration);
            for (Class<?> bean : beans) {
                context.register(bean);
            }
        }
        context.refresh();
        return context;
    }

    /** The operations on the cache of an application that {@link #open} has opened. */
    Operations operations(AnnotationConfigApplicationContext context, int entries) {
        if (configuration == null) {
            return new Operations.OfCaffeine(Caffeine.newBuilder()
                    .maximumSize(entries)
                    .expireAfterWrite(PeerConfigurations.EXPIRY)
                    .build());
        }
        return new Operations.OfSpring(
                Objects.requireNonNull(context.getBean(CacheManager.class).getCache(CACHE)));
    }
}
