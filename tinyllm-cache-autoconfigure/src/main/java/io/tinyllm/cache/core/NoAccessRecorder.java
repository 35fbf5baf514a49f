package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;

/** The recorder of a cache that nobody watches. */
final class NoAccessRecorder implements AccessRecorder {

    static final NoAccessRecorder INSTANCE = new NoAccessRecorder();

    private NoAccessRecorder() {}

    @Override
    public void record(Object key, Outcome outcome, long nanos) {}

    @Override
    public boolean samplesHit() {
        return false;
    }
}
