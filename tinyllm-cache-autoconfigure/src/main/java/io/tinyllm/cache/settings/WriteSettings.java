package io.tinyllm.cache.settings;

import java.time.Duration;

/** Settings of the writes of a cache to a {@link io.tinyllm.cache.BackingStore}. */
public final class WriteSettings extends SettingsGroup {

    /**
     * What happens to writes: nothing more (none), or they go to a BackingStore bean.
     */
    private Policy policy = Policy.NONE;

    /**
     * Longest time for which a write-back entry stays unwritten while the store is healthy.
     */
    private Duration flushInterval = Duration.ofSeconds(1);

    /**
     * Most write-back entries in one call of the store.
     */
    private int batchSize = 100;

    /**
     * Most write-back entries that wait for the store. Beyond it writers are slowed to write-through; nothing is
     * dropped.
     */
    private int maximumDirty = 10_000;

    /**
     * Number of times that the store may refuse a write-back entry before it becomes a dead letter.
     */
    private int maximumAttempts = 5;

    /**
     * Whether write-back keeps a journal, so that acknowledged writes survive the end of the process.
     */
    private boolean journal = true;

    /**
     * When the journal forces the disk, which is what survives a loss of power.
     */
    private Fsync fsync = Fsync.INTERVAL;

    /** Creates settings with their defaults. */
    public WriteSettings() {}

    /** The ways in which writes may go. */
    public enum Policy {

        /** They stay in the cache. */
        NONE,

        /** The store first, then the cache. */
        WRITE_THROUGH,

        /** The journal and the cache first, the store soon after. */
        WRITE_BACK,

        /** The store, and the cache forgets the key. */
        WRITE_AROUND
    }

    /** When the journal forces the disk. */
    public enum Fsync {

        /** Before a write is acknowledged. */
        ALWAYS,

        /** Once a second. */
        INTERVAL,

        /** When the operating system pleases. */
        NEVER
    }

    /** The policy for writes. */
    public Policy getPolicy() {
        return policy;
    }

    /** Sets what happens to writes. */
    public void setPolicy(Policy policy) {
        checkMutable();
        this.policy = policy;
    }

    /** The longest time for which an entry stays unwritten while the store is healthy. */
    public Duration getFlushInterval() {
        return flushInterval;
    }

    /** Sets the longest time for which an entry stays unwritten while the store is healthy; positive. */
    public void setFlushInterval(Duration flushInterval) {
        checkMutable();
        this.flushInterval = flushInterval;
    }

    /** The most entries in one call of the store. */
    public int getBatchSize() {
        return batchSize;
    }

    /** Sets the most entries in one call of the store; positive. */
    public void setBatchSize(int batchSize) {
        checkMutable();
        this.batchSize = batchSize;
    }

    /** The most entries that wait for the store. */
    public int getMaximumDirty() {
        return maximumDirty;
    }

    /** Sets the most entries that wait for the store; positive. */
    public void setMaximumDirty(int maximumDirty) {
        checkMutable();
        this.maximumDirty = maximumDirty;
    }

    /** How often the store may refuse an entry. */
    public int getMaximumAttempts() {
        return maximumAttempts;
    }

    /** Sets how often the store may refuse an entry; positive. */
    public void setMaximumAttempts(int maximumAttempts) {
        checkMutable();
        this.maximumAttempts = maximumAttempts;
    }

    /** Returns whether there is a journal. */
    public boolean isJournal() {
        return journal;
    }

    /** Sets whether there is a journal. */
    public void setJournal(boolean journal) {
        checkMutable();
        this.journal = journal;
    }

    /** When the journal forces the disk. */
    public Fsync getFsync() {
        return fsync;
    }

    /** Sets when the journal forces the disk. */
    public void setFsync(Fsync fsync) {
        checkMutable();
        this.fsync = fsync;
    }

    @Override
    public void validate(String path) {
        checkSet(path, "policy", policy, "none");
        checkPositive(path, "flush-interval", checkSet(path, "flush-interval", flushInterval, "1s"));
        checkRange(path, "batch-size", batchSize, 1, Integer.MAX_VALUE);
        checkRange(path, "maximum-dirty", maximumDirty, 1, Integer.MAX_VALUE);
        checkRange(path, "maximum-attempts", maximumAttempts, 1, Integer.MAX_VALUE);
        checkSet(path, "fsync", fsync, "interval");
    }
}
