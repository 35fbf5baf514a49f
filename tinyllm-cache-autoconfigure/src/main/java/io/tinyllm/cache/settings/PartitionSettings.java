package io.tinyllm.cache.settings;

/** Settings of the partitions of a local tier. */
public final class PartitionSettings extends SettingsGroup {

    /**
     * Whether the local tier is divided into partitions, each with its own bound and eviction.
     */
    private boolean enabled;

    /**
     * Number of partitions.
     */
    private int count = 4;

    /**
     * What assigns keys to partitions: hash, prefix, or the name of a KeyPartitioner bean.
     */
    private String by = "hash";

    /**
     * Text that ends the prefix of a key, for partitions by prefix.
     */
    private String separator = ":";

    /**
     * Whether the bounds of the partitions follow the traffic, at the interval of the size tuner.
     */
    private boolean rebalance;

    /** Creates settings with their defaults. */
    public PartitionSettings() {}

    /** Returns whether there are partitions. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether there are partitions. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The number of partitions. */
    public int getCount() {
        return count;
    }

    /** Sets the number of partitions, from 1 to 1024. */
    public void setCount(int count) {
        checkMutable();
        this.count = count;
    }

    /** The way keys are assigned: {@code hash}, {@code prefix}, or the name of a {@code KeyPartitioner} bean. */
    public String getBy() {
        return by;
    }

    /** Sets what assigns keys: {@code hash}, {@code prefix}, or the name of a {@code KeyPartitioner} bean. */
    public void setBy(String by) {
        checkMutable();
        this.by = by;
    }

    /** The text that ends the prefix of a key. */
    public String getSeparator() {
        return separator;
    }

    /** Sets the text that ends the prefix of a key; not empty. */
    public void setSeparator(String separator) {
        checkMutable();
        this.separator = separator;
    }

    /** Returns whether the bounds of the partitions follow the traffic. */
    public boolean isRebalance() {
        return rebalance;
    }

    /** Sets whether the bounds of the partitions follow the traffic. */
    public void setRebalance(boolean rebalance) {
        checkMutable();
        this.rebalance = rebalance;
    }

    @Override
    public void validate(String path) {
        checkRange(path, "count", count, 1, 1024);
        checkText(path, "by", by, "hash");
        checkText(path, "separator", separator, ":");
    }
}
