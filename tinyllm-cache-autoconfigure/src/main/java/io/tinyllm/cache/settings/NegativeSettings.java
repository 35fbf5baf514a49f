package io.tinyllm.cache.settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Settings of negative caching. */
public final class NegativeSettings extends SettingsGroup {

    /**
     * Whether absent values and failures of loads are remembered.
     */
    private boolean enabled;

    /**
     * How long an absence or a failure is remembered.
     */
    private Duration timeToLive = Duration.ofMinutes(5);

    /**
     * Most keys remembered, apart from the entries of the cache.
     */
    private long maximumSize = 1000;

    /**
     * Class names of the exceptions that are remembered, with their subclasses. Empty for all of java.lang.Exception.
     */
    private List<String> exceptions = new ArrayList<>();

    /**
     * Whether an absent value (null, an empty Optional, an empty Mono) is remembered. If not, it is not cached at all.
     */
    private boolean cacheNull = true;

    /** Creates settings with their defaults. */
    public NegativeSettings() {}

    /** Returns whether absent values and failures are remembered. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether absent values and failures are remembered. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** How long they are remembered. */
    public Duration getTimeToLive() {
        return timeToLive;
    }

    /** Sets how long they are remembered; positive. */
    public void setTimeToLive(Duration timeToLive) {
        checkMutable();
        this.timeToLive = timeToLive;
    }

    /** The most keys remembered. */
    public long getMaximumSize() {
        return maximumSize;
    }

    /** Sets the most keys remembered; positive. */
    public void setMaximumSize(long maximumSize) {
        checkMutable();
        this.maximumSize = maximumSize;
    }

    /** The class names of the exceptions remembered, empty for all. */
    public List<String> getExceptions() {
        return exceptions;
    }

    /** Sets the class names of the exceptions remembered, empty for all. */
    public void setExceptions(List<String> exceptions) {
        checkMutable();
        this.exceptions = exceptions;
    }

    /** Returns whether absent values are remembered. */
    public boolean isCacheNull() {
        return cacheNull;
    }

    /** Sets whether absent values are remembered. */
    public void setCacheNull(boolean cacheNull) {
        checkMutable();
        this.cacheNull = cacheNull;
    }

    @Override
    public void freeze() {
        super.freeze();
        exceptions = List.copyOf(exceptions);
    }

    @Override
    public void validate(String path) {
        checkPositive(path, "time-to-live", checkSet(path, "time-to-live", timeToLive, "5m"));
        checkRange(path, "maximum-size", maximumSize, 1, Long.MAX_VALUE);
    }
}
