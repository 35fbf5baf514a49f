package io.tinyllm.cache.settings;

/** Settings of prefetching. */
public final class PrefetchSettings extends SettingsGroup {

    /**
     * Whether keys that are likely to be asked for next are brought into memory. A prefetch that has to load a key runs
     * without the request, the security context and the transaction of any caller.
     */
    private boolean enabled;

    /**
     * Whether predictions are acted on (act) or only judged (observe).
     */
    private TuningMode mode = TuningMode.ACT;

    /**
     * How many accesses of a session a prediction reaches ahead at most.
     */
    private int window = 100;

    /**
     * Share, from 0 to 1, of the visits to a key that the predicted key must have followed. Prefetching that comes true
     * less often pauses.
     */
    private double minimumConfidence = 0.5;

    /**
     * Number of keys that one access may have prefetched.
     */
    private int maximumPredictions = 5;

    /**
     * Number of prefetches of the cache that run at a time.
     */
    private int maximumConcurrency = 4;

    /** Creates settings with their defaults. */
    public PrefetchSettings() {}

    /** Returns whether keys are prefetched. */
    public boolean isEnabled() {
        return enabled;
    }

    /** Sets whether keys are prefetched. */
    public void setEnabled(boolean enabled) {
        checkMutable();
        this.enabled = enabled;
    }

    /** The mode: whether predictions are acted on, or only judged. */
    public TuningMode getMode() {
        return mode;
    }

    /** Sets what comes of predictions. */
    public void setMode(TuningMode mode) {
        checkMutable();
        this.mode = mode;
    }

    /** How many accesses a prediction reaches ahead at most. */
    public int getWindow() {
        return window;
    }

    /** Sets how many accesses, from 4 to 1000, a prediction reaches ahead at most. */
    public void setWindow(int window) {
        checkMutable();
        this.window = window;
    }

    /** The share of the visits to a key that the predicted key must have followed. */
    public double getMinimumConfidence() {
        return minimumConfidence;
    }

    /** Sets the share, from 0 to 1, of the visits to a key that the predicted key must have followed. */
    public void setMinimumConfidence(double minimumConfidence) {
        checkMutable();
        this.minimumConfidence = minimumConfidence;
    }

    /** How many keys one access may have prefetched. */
    public int getMaximumPredictions() {
        return maximumPredictions;
    }

    /** Sets how many keys, from 1 to 100, one access may have prefetched. */
    public void setMaximumPredictions(int maximumPredictions) {
        checkMutable();
        this.maximumPredictions = maximumPredictions;
    }

    /** How many prefetches run at a time. */
    public int getMaximumConcurrency() {
        return maximumConcurrency;
    }

    /** Sets how many prefetches, from 1 to 16, run at a time. */
    public void setMaximumConcurrency(int maximumConcurrency) {
        checkMutable();
        this.maximumConcurrency = maximumConcurrency;
    }

    @Override
    public void validate(String path) {
        checkSet(path, "mode", mode, "act");
        checkRange(path, "window", window, 4, 1000);
        checkRange(path, "minimum-confidence", minimumConfidence, 0, 1);
        checkRange(path, "maximum-predictions", maximumPredictions, 1, 100);
        checkRange(path, "maximum-concurrency", maximumConcurrency, 1, 16);
    }
}
