package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.settings.CacheDefinition;
import io.tinyllm.cache.settings.WriteSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BooleanSupplier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextRefreshedEvent;

/** One line, as the application starts, on which caches there are and what each of them uses. Thread-safe. */
final class StartReport implements ApplicationListener<ContextRefreshedEvent> {

    private static final Log log = LogFactory.getLog("io.tinyllm.cache");

    private static final int MOST_NAMES = 12;

    private final CacheSettings defaults;
    private final BooleanSupplier open;
    private final Map<String, CacheSettings> created = new ConcurrentSkipListMap<>();
    private volatile boolean used;
    private boolean said;
    private volatile List<String> ignored = List.of();
    private volatile SettingsAdvice advice = new SettingsAdvice(name -> true);

    /**
     * Creates a report of no caches.
     * @param defaults the settings of caches that are made later
     * @param open whether there are such caches
     */
    StartReport(CacheSettings defaults, BooleanSupplier open) {
        this.defaults = defaults;
        this.open = open;
    }

    /**
     * Takes note that a manager of ours serves the application.
     * @param ignored settings that have no effect, each with what to use instead
     * @param advice knows settings that do not fit together
     */
    void begin(List<String> ignored, SettingsAdvice advice) {
        this.ignored = ignored;
        this.advice = advice;
        this.used = true;
    }

    /** Takes note of a new cache. */
    void created(CacheDefinition definition) {
        created.put(definition.name(), definition.settings());
    }

    /** Takes note that another manager, which is no bean, serves the application's cached methods. */
    void unused(CacheManager other) {
        log.info("A CachingConfigurer of the application has "
                + other.getClass().getName()
                + " serve its cached methods; the bean 'cacheManager' of tinyllm-cache serves only who asks for it");
    }

    /** Takes note of a cache of the application's. */
    void served(Cache cache) {
        created.remove(cache.getName());
        log.info("Cache '"
                + cache.getName()
                + "' is served by a Cache bean of the application ("
                + cache.getClass().getName()
                + "): settings of tinyllm.cache do not apply to it");
    }

    /** Comes after the caches have been restored. */
    @Override
    public void onApplicationEvent(ContextRefreshedEvent event) {
        if (used && !said) {
            said = true;
            if (log.isInfoEnabled()) {
                log.info(text());
            }
            if (!ignored.isEmpty()) {
                log.warn("Settings of Spring Boot's own caches have no effect on those of tinyllm-cache: "
                        + String.join("; ", ignored));
            }
            Map<String, List<String>> remarks = new LinkedHashMap<>();
            created.forEach((name, settings) -> advice.of(name, settings)
                    .forEach(remark -> remarks.computeIfAbsent(remark, unknown -> new ArrayList<>())
                            .add(name)));
            remarks.forEach((remark, names) -> log.warn("Settings of " + names(names) + ": " + remark));
        }
    }

    private String text() {
        List<String> sentences = new ArrayList<>();
        Map<String, List<String>> groups = new LinkedHashMap<>();
        new TreeMap<>(created)
                .forEach((name, settings) -> groups.computeIfAbsent(describe(settings), unknown -> new ArrayList<>())
                        .add(name));
        groups.forEach((uses, names) -> sentences.add(names(names) + ": " + uses));
        if (open.getAsBoolean()) {
            sentences.add((groups.isEmpty() ? "every cache" : "any other cache, made at its first use") + ": "
                    + describe(defaults));
        }
        return "tinyllm-cache serves the cached methods of this application. " + String.join("; ", sentences);
    }

    private static String names(List<String> names) {
        return names.size() <= MOST_NAMES
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, MOST_NAMES)) + " and " + (names.size() - MOST_NAMES) + " more";
    }

    private static String describe(CacheSettings settings) {
        List<String> uses = new ArrayList<>();
        boolean shared = settings.getRedis().isEnabled();
        if (settings.getMemory().isEnabled()) {
            uses.add(shared ? "memory" : "memory (this instance only)");
        }
        if (shared) {
            uses.add("Redis (shared with other instances)");
            if (settings.getReplication().isEnabled()) {
                uses.add("copies on the Redis servers "
                        + String.join(", ", settings.getReplication().getReplicas()));
            }
        }
        if (settings.getSnapshot().isEnabled()) {
            uses.add("snapshots on disk, restored at the start");
        }
        WriteSettings.Policy policy = settings.getWrite().getPolicy();
        if (policy != WriteSettings.Policy.NONE) {
            uses.add(policy.name().toLowerCase(Locale.ROOT).replace('_', '-') + " to a backing store");
        }
        return String.join(" + ", uses);
    }
}
