package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.analytics.keys.ShowKeys;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** Properties of the cache stack. An unknown name below the prefix stops the start. */
@ConfigurationProperties(prefix = TinyLlmCacheProperties.PREFIX, ignoreUnknownFields = false)
public class TinyLlmCacheProperties {

    static final String PREFIX = "tinyllm.cache";

    /**
     * Whether the cache stack is used at all. Where it is not, Spring Boot's own caches are.
     */
    private boolean enabled = true;

    /**
     * Settings of every cache.
     */
    @NestedConfigurationProperty
    private final CacheSettings defaults = new CacheSettings();

    /**
     * Settings of caches by name, laid over the defaults property by property.
     */
    private final Map<String, CacheSettings> caches = new LinkedHashMap<>();

    /**
     * Whether puts and evicts within a transaction wait for its commit, and do not happen where it rolls back.
     */
    private boolean transactionAware;

    /**
     * Settings of the shared tier, common to all caches.
     */
    private final Redis redis = new Redis();

    /**
     * Settings of the journals of write-back caches.
     */
    private final Journal journal = new Journal();

    /**
     * Settings of the writes of all caches together.
     */
    private final Write write = new Write();

    /**
     * Settings of the snapshots, common to all caches.
     */
    private final Snapshots snapshots = new Snapshots();

    /**
     * Settings of what is told about the traffic of all caches.
     */
    private final Analytics analytics = new Analytics();

    /**
     * Settings of the memory of all caches together.
     */
    @NestedConfigurationProperty
    private final MemoryProperties memory = new MemoryProperties();

    /**
     * Settings of the observations, where the application has an ObservationRegistry.
     */
    private final Observations observations = new Observations();

    /**
     * Settings of evictions by tag.
     */
    private final Tags tags = new Tags();

    /**
     * Settings of the cache of answers of language models.
     */
    @NestedConfigurationProperty
    private final LlmProperties llm = new LlmProperties();

    public MemoryProperties getMemory() {
        return memory;
    }

    public LlmProperties getLlm() {
        return llm;
    }

    public boolean isEnabled() {
        return enabled;
    }

    public void setEnabled(boolean enabled) {
        this.enabled = enabled;
    }

    public boolean isTransactionAware() {
        return transactionAware;
    }

    public void setTransactionAware(boolean transactionAware) {
        this.transactionAware = transactionAware;
    }

    public CacheSettings getDefaults() {
        return defaults;
    }

    public Map<String, CacheSettings> getCaches() {
        return caches;
    }

    public Redis getRedis() {
        return redis;
    }

    public Journal getJournal() {
        return journal;
    }

    public Write getWrite() {
        return write;
    }

    public Snapshots getSnapshots() {
        return snapshots;
    }

    public Observations getObservations() {
        return observations;
    }

    public Tags getTags() {
        return tags;
    }

    /** Settings of evictions by tag. */
    public static class Tags {

        /**
         * Most evictions by tag that are remembered, from 100 to 1000000. Beyond it the caches that the oldest concerns
         * are cleared.
         */
        private int maximum = 10_000;

        public int getMaximum() {
            return maximum;
        }

        public void setMaximum(int maximum) {
            this.maximum = maximum;
        }

        int checkedMaximum() {
            if (maximum < 100 || maximum > 1_000_000) {
                throw new InvalidCacheSettingException(
                        PREFIX + ".tags.maximum",
                        maximum,
                        "a whole number from 100 to 1000000",
                        "Choose a number in that range.");
            }
            return maximum;
        }
    }

    /** Settings of the observations. */
    public static class Observations {

        /**
         * Whether each hit is an observation too, tinyllm.cache.get, beside loads and operations of Redis.
         */
        private boolean hits;

        public boolean isHits() {
            return hits;
        }

        public void setHits(boolean hits) {
            this.hits = hits;
        }
    }

    /** Settings of the journals of write-back caches. */
    public static class Journal {

        /**
         * Directory of the journals, one below it for each cache. One application at a time may use it.
         */
        private Path directory = Path.of("cache-journal");

        public Path getDirectory() {
            return directory;
        }

        public void setDirectory(Path directory) {
            this.directory = directory;
        }
    }

    /** Settings of the writes of all caches together. */
    public static class Write {

        /**
         * Most bytes of values that wait for their stores, in all write-back caches together: a size, or a share of the
         * heap. Beyond it writers are slowed to write-through; nothing is dropped.
         */
        private String maximumDirtySize = "10%";

        public String getMaximumDirtySize() {
            return maximumDirtySize;
        }

        public void setMaximumDirtySize(String maximumDirtySize) {
            this.maximumDirtySize = maximumDirtySize;
        }
    }

    /** Settings of the snapshots, common to all caches. */
    public static class Snapshots {

        /**
         * Directory of the snapshots. One application at a time may use it.
         */
        private Path directory = Path.of("cache-snapshots");

        /**
         * Time between saves of caches that have changed.
         */
        private Duration interval = Duration.ofMinutes(5);

        /**
         * Whether caches that have changed are saved at shutdown.
         */
        private boolean onShutdown = true;

        /**
         * Whether caches are restored at start, before the application is ready.
         */
        private boolean onStartup = true;

        /**
         * Longest time that restoring may hold up the start.
         */
        private Duration startupTimeout = Duration.ofSeconds(30);

        /**
         * Number of generations kept of each cache.
         */
        private int generations = 2;

        /**
         * Whether snapshots are compressed with gzip.
         */
        private boolean compress;

        public Path getDirectory() {
            return directory;
        }

        public void setDirectory(Path directory) {
            this.directory = directory;
        }

        public Duration getInterval() {
            return interval;
        }

        public void setInterval(Duration interval) {
            this.interval = interval;
        }

        public boolean isOnShutdown() {
            return onShutdown;
        }

        public void setOnShutdown(boolean onShutdown) {
            this.onShutdown = onShutdown;
        }

        public boolean isOnStartup() {
            return onStartup;
        }

        public void setOnStartup(boolean onStartup) {
            this.onStartup = onStartup;
        }

        public Duration getStartupTimeout() {
            return startupTimeout;
        }

        public void setStartupTimeout(Duration startupTimeout) {
            this.startupTimeout = startupTimeout;
        }

        public int getGenerations() {
            return generations;
        }

        public void setGenerations(int generations) {
            this.generations = generations;
        }

        public boolean isCompress() {
            return compress;
        }

        public void setCompress(boolean compress) {
            this.compress = compress;
        }
    }

    /** A Redis server that caches can be replicated to. */
    public static class Replica {

        /**
         * URL of the server, such as redis://user:secret@host:6379.
         */
        private String url = "";

        /** Name of the SSL bundle (spring.ssl.bundle) that the server is reached with. By default the JDK's own. */
        private @Nullable String sslBundle;

        public @Nullable String getSslBundle() {
            return sslBundle;
        }

        public void setSslBundle(@Nullable String sslBundle) {
            this.sslBundle = sslBundle;
        }

        public String getUrl() {
            return url;
        }

        public void setUrl(String url) {
            this.url = url;
        }
    }

    /** Settings of the shared tier, common to all caches. */
    public static class Redis {

        /**
         * Text that every Redis key of the caches begins with.
         */
        private String keyPrefix = "tinyllm:";

        /**
         * Longest time that the start waits for Redis, for all caches and replicas together, where a cache wants it.
         * Then the application goes on, and joins Redis once it is there. Zero for not waiting.
         */
        private Duration startupTimeout = Duration.ofSeconds(2);

        /**
         * Packages (ending in a dot) and classes that a stored value may be read back into, besides what cached methods
         * return, the application's own classes, and the value types of the JDK and of well-known libraries.
         */
        private List<String> allowedTypes = new ArrayList<>();

        /**
         * Whether stored values may be read back into classes of the application's packages, too. These are the
         * packages of @SpringBootApplication and @AutoConfigurationPackage.
         */
        private boolean applicationTypes = true;

        /**
         * Other Redis servers, by name, that caches can be replicated to. The primary is spring.data.redis.*.
         */
        private final Map<String, Replica> replicas = new LinkedHashMap<>();

        public Map<String, Replica> getReplicas() {
            return replicas;
        }

        public Duration getStartupTimeout() {
            return startupTimeout;
        }

        public void setStartupTimeout(Duration startupTimeout) {
            this.startupTimeout = startupTimeout;
        }

        public String getKeyPrefix() {
            return keyPrefix;
        }

        public void setKeyPrefix(String keyPrefix) {
            this.keyPrefix = keyPrefix;
        }

        public List<String> getAllowedTypes() {
            return allowedTypes;
        }

        public void setAllowedTypes(List<String> allowedTypes) {
            this.allowedTypes = allowedTypes;
        }

        public boolean isApplicationTypes() {
            return applicationTypes;
        }

        public void setApplicationTypes(boolean applicationTypes) {
            this.applicationTypes = applicationTypes;
        }
    }

    public Analytics getAnalytics() {
        return analytics;
    }

    /** Settings of what is told about the traffic of all caches. */
    public static class Analytics {

        /**
         * How the endpoints show keys, which may be personal data: as a salted hash with the length of the text, as
         * plain text, or never.
         */
        private ShowKeys showKeys = ShowKeys.HASHED;

        /**
         * Secret that goes into the hashes of keys, so that a key has the same name after a restart and in every
         * instance that shares it. Random at each start where none is set.
         */
        private String salt = "";

        public ShowKeys getShowKeys() {
            return showKeys;
        }

        public void setShowKeys(ShowKeys showKeys) {
            this.showKeys = showKeys;
        }

        public String getSalt() {
            return salt;
        }

        public void setSalt(String salt) {
            this.salt = salt;
        }
    }
}
