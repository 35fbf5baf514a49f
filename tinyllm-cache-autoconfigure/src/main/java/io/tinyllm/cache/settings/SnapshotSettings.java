package io.tinyllm.cache.settings;

/** Settings of the snapshots of a cache. */
public final class SnapshotSettings extends SettingsGroup {

    /**
     * Whether the entries in memory are saved to disk, and restored at start.
     */
    private boolean enabled;

    /** Creates settings with their defaults. */
    public SnapshotSettings() {}

    /** Returns whether the entries in memory are saved and restored. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether the entries in memory are saved and restored. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    @Override
    public void validate(String path) {}
}
