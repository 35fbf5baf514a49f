package io.tinyllm.cache.remote;

/**
 * The state of one replica of a replicated cache, the primary too.
 * @param name of its backend, such as {@code primary}
 * @param state what it is used for
 * @param lag how many writes have not arrived there: those under way, and those it has missed
 * @param logSize how many keys it has missed a write of; bounded, since a backend that has missed too many is cleared
 */
public record ReplicaStatus(String name, State state, long lag, int logSize) {

    /** The part that a replica plays. */
    public enum State {
        /** It is the primary and answers. */
        PRIMARY,
        /** It is a replica, and stands by with a warm copy. */
        REPLICA,
        /** It is a replica that answers in the primary's stead. */
        FAILED_OVER,
        /** It was away, and is given what it has missed. */
        CATCHING_UP,
        /** It is away. */
        DOWN
    }
}
