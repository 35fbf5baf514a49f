package io.tinyllm.cache.settings;

import java.time.Duration;

/** Settings of the time-to-live optimiser. */
public final class TtlOptimizerSettings extends SettingsGroup {

    /**
     * Whether the lives of entries are fitted to their use.
     */
    private boolean enabled;

    /**
     * Whether decisions are carried out (act) or only told (observe).
     */
    private TuningMode mode = TuningMode.ACT;

    /**
     * How lives are decided: idle timeouts inside the time-to-live (adaptive), or a time-to-live for each key
     * (hit-rate).
     */
    private Policy policy = Policy.ADAPTIVE;

    /**
     * Shortest life that is decided.
     */
    private Duration minimum = Duration.ofMinutes(5);

    /**
     * Longest life that is decided.
     */
    private Duration maximum = Duration.ofHours(2);

    /**
     * Hit rate of the cache that the policy hit-rate aims at, from 0 to 1.
     */
    private double targetHitRate = 0.8;

    /** Creates settings with their defaults. */
    public TtlOptimizerSettings() {}

    /** How lives are decided. */
    public enum Policy {

        /** Idle timeouts inside the time-to-live, which it never extends. */
        ADAPTIVE,

        /** A time-to-live for each key, up by half below the target, down by a fifth above it. */
        HIT_RATE
    }

    /** Returns whether the lives of entries are fitted to their use. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether the lives of entries are fitted to their use. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The mode: whether decisions are acted on, or only told. */
    public TuningMode getMode() {
        return mode;
    }

    /** Sets what comes of decisions. */
    public void setMode(TuningMode mode) {
        checkMutable();
        this.mode = mode;
    }

    /** How lives are decided. */
    public Policy getPolicy() {
        return policy;
    }

    /** Sets how lives are decided. */
    public void setPolicy(Policy policy) {
        checkMutable();
        this.policy = policy;
    }

    /** The shortest life that is decided. */
    public Duration getMinimum() {
        return minimum;
    }

    /** Sets the shortest life that is decided; positive. */
    public void setMinimum(Duration minimum) {
        checkMutable();
        this.minimum = minimum;
    }

    /** The longest life that is decided. */
    public Duration getMaximum() {
        return maximum;
    }

    /** Sets the longest life that is decided; not below the minimum. */
    public void setMaximum(Duration maximum) {
        checkMutable();
        this.maximum = maximum;
    }

    /** The hit rate that the policy hit-rate aims at. */
    public double getTargetHitRate() {
        return targetHitRate;
    }

    /** Sets the hit rate, from 0 to 1, that the policy hit-rate aims at. */
    public void setTargetHitRate(double targetHitRate) {
        checkMutable();
        this.targetHitRate = targetHitRate;
    }

    @Override
    public void validate(String path) {
        checkSet(path, "mode", mode, "act");
        checkSet(path, "policy", policy, "adaptive");
        checkPositive(path, "minimum", checkSet(path, "minimum", minimum, "5m"));
        if (checkSet(path, "maximum", maximum, "2h").compareTo(minimum) < 0) {
            throw new InvalidCacheSettingException(
                    path + ".maximum",
                    maximum,
                    "a duration not below " + path + ".minimum",
                    "Raise the maximum, or lower the minimum.");
        }
        checkRange(path, "target-hit-rate", targetHitRate, 0, 1);
    }
}
