package io.tinyllm.cache.settings;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.util.unit.DataSize;

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

    /**
     * Most bytes of the heap that the values held in memory take together, by an estimate that is right within a factor
     * of two. It holds beside the bound of entries. Empty for no such bound.
     */
    private @Nullable DataSize maximumWeight;

    @NestedConfigurationProperty
    private final PartitionSettings partitions = new PartitionSettings();

    /** Creates settings with their defaults. */
    public MemorySettings() {}

    /** Settings of the partitions. */
    public PartitionSettings getPartitions() {
        return partitions;
    }

    /** Returns whether entries are held in memory. */
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

    /** The most bytes of the heap that the values take together, by an estimate; null for no such bound. */
    public @Nullable DataSize getMaximumWeight() {
        return maximumWeight;
    }

    /** Sets the most bytes of the heap that the values take together, positive; null for no such bound. */
    public void setMaximumWeight(@Nullable DataSize maximumWeight) {
        checkMutable();
        this.maximumWeight = maximumWeight;
    }

    @Override
    public void validate(String path) {
        checkRange(path, "maximum-size", maximumSize, 0, Long.MAX_VALUE);
        if (maximumWeight != null) {
            checkRange(path, "maximum-weight", maximumWeight.toBytes(), 1, Long.MAX_VALUE);
        }
        partitions.validate(path + ".partitions");
    }

    @Override
    protected List<SettingsGroup> groups() {
        return List.of(partitions);
    }
}
