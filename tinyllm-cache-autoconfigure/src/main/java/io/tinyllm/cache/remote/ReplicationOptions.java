package io.tinyllm.cache.remote;

import java.time.Duration;

/**
 * The options of a replicated cache.
 * @param readFromReplicas whether replicas answer where the primary cannot
 * @param maximumMissed how many keys are remembered that a backend has missed a write of; beyond, it is cleared on its
 * return
 * @param pause between two attempts at something that is not settled
 * @param hold how long a backend that went away has to stay before it answers again
 * @param longestHold the same for one that goes away again and again: the time doubles with each return that does not
 * last
 * @param filling how long a backend that came back has its misses looked up elsewhere, after the last one that was
 * found
 */
public record ReplicationOptions(
        boolean readFromReplicas,
        int maximumMissed,
        Duration pause,
        Duration hold,
        Duration longestHold,
        Duration filling) {

    /** Replicas answer; 10,000 keys; a pause of 100 ms; a hold of 500 ms to 30 s; 10 s of filling. */
    public static final ReplicationOptions DEFAULT = new ReplicationOptions(
            true,
            10_000,
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));

    /** The same with or without reading from replicas. */
    public ReplicationOptions withReadFromReplicas(boolean read) {
        return new ReplicationOptions(read, maximumMissed, pause, hold, longestHold, filling);
    }
}
