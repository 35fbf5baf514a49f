package io.tinyllm.cache.settings;

import java.util.List;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/** Settings of the local tier of a cache. */
public final class MemorySettings extends SettingsGroup {

    /**
     * Whether entries are held in memory.
     */
    private boolean enabled = true;

    /**
     * Most entries held in memory, in all partitions together.
     */
    private long maximumSize = 10_000;

    @NestedConfigurationProperty
    private final PartitionSettings partitions = new PartitionSettings();

    /** Creates settings with their defaults. */
    public MemorySettings() {}

    /** Settings of the partitions. */
    public PartitionSettings getPartitions() {
        return partitions;
    }

    /** Whether entries are held in memory. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether entries are held in memory. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

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
    public void validate(String path) {
        checkRange(path, "maximum-size", maximumSize, 0, Long.MAX_VALUE);
        partitions.validate(path + ".partitions");
    }

    @Override
    protected List<SettingsGroup> groups() {
        return List.of(partitions);
    }
}
