package io.tinyllm.cache.settings;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Settings of the shared tier of a cache. */
public final class RedisSettings extends SettingsGroup {

    /**
     * Whether entries are shared through Redis.
     */
    private boolean enabled;

    /**
     * Time for which an entry stays in Redis. By default, the time-to-live of the cache.
     */
    private @Nullable Duration timeToLive;

    /**
     * Most time that one Redis operation may cost a caller.
     */
    private Duration timeout = Duration.ofMillis(100);

    /**
     * How local copies learn of changes by others: by server-assisted tracking (RESP3), by pub-sub between the
     * applications, by whichever the server allows, or not at all.
     */
    private Invalidation invalidation = Invalidation.AUTO;

    /**
     * Whether a key is loaded by one application at a time while the others wait for its result.
     */
    private boolean singleFlight;

    /**
     * Size of a stored value above which it is compressed. Empty for never.
     */
    private @Nullable DataSize compressAbove;

    /** Creates settings with their defaults. */
    public RedisSettings() {}

    /** How local copies learn of changes by others. */
    public enum Invalidation {

        /** By tracking where the server allows it, else by pub-sub. */
        AUTO,

        /** By server-assisted client tracking, which tells of every change whoever made it. */
        TRACKING,

        /** By messages between the applications that use this cache. */
        PUB_SUB,

        /** Not at all: local copies live until they expire. */
        NONE
    }

    /** Returns whether entries are shared through Redis. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether entries are shared through Redis. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The time for which an entry stays in Redis, null for the time-to-live of the cache. */
    public @Nullable Duration getTimeToLive() {
        return timeToLive;
    }

    /** Sets the time for which an entry stays in Redis, zero for ever, null for the time-to-live of the cache. */
    public void setTimeToLive(@Nullable Duration timeToLive) {
        checkMutable();
        this.timeToLive = timeToLive;
    }

    /** The most time that one operation may cost a caller. */
    public Duration getTimeout() {
        return timeout;
    }

    /** Sets the most time that one operation may cost a caller; positive. */
    public void setTimeout(Duration timeout) {
        checkMutable();
        this.timeout = timeout;
    }

    /** How local copies learn of changes by others. */
    public Invalidation getInvalidation() {
        return invalidation;
    }

    /** Sets how local copies learn of changes by others. */
    public void setInvalidation(Invalidation invalidation) {
        checkMutable();
        this.invalidation = invalidation;
    }

    /** Returns whether a key is loaded by one application at a time. */
    public boolean isSingleFlight() {
        return singleFlight;
    }

    /** Sets whether a key is loaded by one application at a time. */
    public void setSingleFlight(boolean singleFlight) {
        checkMutable();
        this.singleFlight = singleFlight;
    }

    /** The size above which a stored value is compressed, null for never. */
    public @Nullable DataSize getCompressAbove() {
        return compressAbove;
    }

    /** Sets the size above which a stored value is compressed, null for never. */
    public void setCompressAbove(@Nullable DataSize compressAbove) {
        checkMutable();
        this.compressAbove = compressAbove;
    }

    @Override
    public void validate(String path) {
        if (timeToLive != null) {
            checkNotNegative(path, "time-to-live", timeToLive);
        }
        checkPositive(path, "timeout", checkSet(path, "timeout", timeout, "100ms"));
        checkSet(path, "invalidation", invalidation, "auto");
        if (compressAbove != null) {
            checkRange(path, "compress-above", compressAbove.toBytes(), 0, Integer.MAX_VALUE - 1);
        }
    }
}
