package io.tinyllm.cache.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Settings of the copies of a cache on other backends. */
public final class ReplicationSettings extends SettingsGroup {

    /**
     * Whether every write and deletion also goes to the replicas.
     */
    private boolean enabled;

    /**
     * Names of the replicas, of those under tinyllm.cache.redis.replicas, in the order in which they are asked.
     */
    private List<String> replicas = new ArrayList<>();

    /**
     * Whether replicas answer where the primary cannot.
     */
    private boolean readFromReplicas = true;

    /** Creates settings with their defaults. */
    public ReplicationSettings() {}

    /** Returns whether every write and deletion also goes to the replicas. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether every write and deletion also goes to the replicas. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The names of the replicas, in the order in which they are asked. */
    public List<String> getReplicas() {
        return replicas;
    }

    /** Sets the names of the replicas, in the order in which they are asked. */
    public void setReplicas(List<String> replicas) {
        checkMutable();
        this.replicas = replicas;
    }

    /** Returns whether replicas answer where the primary cannot. */
    public boolean isReadFromReplicas() {
        return readFromReplicas;
    }

    /** Sets whether replicas answer where the primary cannot; otherwise they are warm copies only. */
    public void setReadFromReplicas(boolean readFromReplicas) {
        checkMutable();
        this.readFromReplicas = readFromReplicas;
    }

    @Override
    public void freeze() {
        super.freeze();
        replicas = List.copyOf(replicas);
    }

    @Override
    public void validate(String path) {
        if (enabled && replicas.isEmpty()) {
            throw new InvalidCacheSettingException(
                    path + ".replicas",
                    replicas,
                    "the name of one replica at least",
                    "Name one of those under tinyllm.cache.redis.replicas.");
        }
        if (new HashSet<>(replicas).size() < replicas.size()) {
            throw new InvalidCacheSettingException(
                    path + ".replicas", replicas, "names that differ", "Name each replica once.");
        }
    }
}
