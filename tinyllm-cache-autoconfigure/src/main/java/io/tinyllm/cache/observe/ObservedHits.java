package io.tinyllm.cache.observe;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.AccessRecorder;

/** Observes each hit, at the moment when it is answered, and passes every access on. Thread-safe. */
final class ObservedHits implements AccessRecorder {

    private final AccessRecorder recorder;
    private final Observations observations;
    private final String cacheName;

    ObservedHits(AccessRecorder recorder, Observations observations, String cacheName) {
        this.recorder = recorder;
        this.observations = observations;
        this.cacheName = cacheName;
    }

    @Override
    public void record(Object key, Outcome outcome, long nanos) {
        recorder.record(key, outcome, nanos);
        String by = switch (outcome) {
            case MEMORY_HIT -> "memory";
            case NEGATIVE_HIT -> "negative";
            case STALE_HIT -> "stale";
            case REMOTE_HIT -> "redis";
            case REPLICA_HIT -> "replica";
            case STORE_HIT -> "store";
            default -> "";
        };
        if (!by.isEmpty()) {
            observations.stop(observations.start(Observations.GET, cacheName), by, null);
        }
    }

    /** Leaves none out: each is observed. */
    @Override
    public Recording hitRecording() {
        Recording recording = recorder.hitRecording();
        return recording == Recording.LEFT_OUT ? Recording.UNTIMED : recording;
    }
}
