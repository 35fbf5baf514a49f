package io.tinyllm.cache.settings;

/** Settings of the analytics. */
public final class AnalyticsSettings extends SettingsGroup {

    /**
     * Whether latencies, hot keys and cold keys are told. Counters always are.
     */
    private boolean enabled = true;

    /**
     * Number of hot keys, and of cold keys, that are told.
     */
    private int hotKeys = 10;

    /**
     * Whether it is estimated what more memory, or less, would be worth. Costs up to 0.6 MB of heap for a cache of many
     * keys.
     */
    private boolean memoryWorth = true;

    /** Creates settings with their defaults. */
    public AnalyticsSettings() {}

    /** Returns whether latencies, hot keys and cold keys are told. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether latencies, hot keys and cold keys are told. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The number of hot keys, and of cold keys, that are told. */
    public int getHotKeys() {
        return hotKeys;
    }

    /** Sets the number of hot keys, and of cold keys, that are told, from 0 to 128. */
    public void setHotKeys(int hotKeys) {
        checkMutable();
        this.hotKeys = hotKeys;
    }

    /** Returns whether it is estimated what more memory, or less, would be worth. */
    public boolean isMemoryWorth() {
        return memoryWorth;
    }

    /** Sets whether it is estimated what more memory, or less, would be worth. */
    public void setMemoryWorth(boolean memoryWorth) {
        checkMutable();
        this.memoryWorth = memoryWorth;
    }

    @Override
    public void validate(String path) {
        checkRange(path, "hot-keys", hotKeys, 0, 128);
    }
}
