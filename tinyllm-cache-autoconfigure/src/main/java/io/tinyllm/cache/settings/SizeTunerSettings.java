package io.tinyllm.cache.settings;

import java.time.Duration;

/** Settings of the size tuner. */
public final class SizeTunerSettings extends SettingsGroup {

    /**
     * Whether the size of the local tier follows the traffic.
     */
    private boolean enabled;

    /**
     * Whether decisions are carried out (act) or only told (observe).
     */
    private TuningMode mode = TuningMode.ACT;

    /**
     * How the size is decided: by an estimate of the hit rate at every size (miss-ratio-curve), or in steps
     * (threshold).
     */
    private Policy policy = Policy.MISS_RATIO_CURVE;

    /**
     * Smallest size, in entries.
     */
    private long minimum = 100;

    /**
     * Largest size, in entries.
     */
    private long maximum = 10_000;

    /**
     * Hit rate of the local tier to reach, from 0 to 1.
     */
    private double targetHitRate = 0.8;

    private boolean hasTargetHitRate;
    private boolean hasMaximum;

    /**
     * Time between decisions. Where there are few requests it lasts until there were enough.
     */
    private Duration interval = Duration.ofMinutes(5);

    /** Creates settings with their defaults. */
    public SizeTunerSettings() {}

    /** How the size is decided. */
    public enum Policy {

        /** The smallest size that reaches the target by an estimate of the hit rate at every size. */
        MISS_RATIO_CURVE,

        /** Up by half below the target, down by a fifth above it. */
        THRESHOLD
    }

    /** Returns whether the size follows the traffic. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether the size follows the traffic. */
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

    /** How the size is decided. */
    public Policy getPolicy() {
        return policy;
    }

    /** Sets how the size is decided. */
    public void setPolicy(Policy policy) {
        checkMutable();
        this.policy = policy;
    }

    /** The smallest size, in entries. */
    public long getMinimum() {
        return minimum;
    }

    /** Sets the smallest size, in entries, from 1 up. */
    public void setMinimum(long minimum) {
        checkMutable();
        this.minimum = minimum;
    }

    /** The largest size, in entries. */
    public long getMaximum() {
        return maximum;
    }

    /** Sets the largest size, in entries, from the minimum up. */
    public void setMaximum(long maximum) {
        checkMutable();
        this.maximum = maximum;
        this.hasMaximum = true;
    }

    /** The hit rate to reach. */
    public double getTargetHitRate() {
        return targetHitRate;
    }

    /** Sets the hit rate to reach, from 0 to 1. */
    public void setTargetHitRate(double targetHitRate) {
        checkMutable();
        this.targetHitRate = targetHitRate;
        this.hasTargetHitRate = true;
    }

    /** Returns whether a hit rate to reach was set, and is not the default. A budget takes only that for a cap. */
    public boolean hasTargetHitRate() {
        return hasTargetHitRate;
    }

    /** Returns whether a largest size was set, and is not the default. A budget takes only that for a cap. */
    public boolean hasMaximum() {
        return hasMaximum;
    }

    /** The time between decisions. */
    public Duration getInterval() {
        return interval;
    }

    /** Sets the time between decisions; positive. */
    public void setInterval(Duration interval) {
        checkMutable();
        this.interval = interval;
    }

    @Override
    public void validate(String path) {
        checkSet(path, "mode", mode, "act");
        checkSet(path, "policy", policy, "miss-ratio-curve");
        checkRange(path, "minimum", minimum, 1, Long.MAX_VALUE);
        checkRange(path, "maximum", maximum, minimum, Long.MAX_VALUE);
        checkRange(path, "target-hit-rate", targetHitRate, 0, 1);
        checkPositive(path, "interval", checkSet(path, "interval", interval, "5m"));
    }
}
