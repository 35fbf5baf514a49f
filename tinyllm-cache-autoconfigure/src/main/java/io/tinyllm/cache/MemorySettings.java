package io.tinyllm.cache;

/** Settings of the local tier of a cache. */
public final class MemorySettings extends SettingsGroup {

    /**
     * Most entries held in memory, in all partitions together.
     */
    private long maximumSize = 10_000;

    MemorySettings() {}

    /** The most entries held. */
    public long getMaximumSize() {
        return maximumSize;
    }

    /** Sets the most entries held; not negative. */
    public void setMaximumSize(long maximumSize) {
        checkMutable();
        this.maximumSize = maximumSize;
    }

    @Override
    void validate(String path) {
        checkRange(path, "maximum-size", maximumSize, 0, Long.MAX_VALUE);
    }
}
