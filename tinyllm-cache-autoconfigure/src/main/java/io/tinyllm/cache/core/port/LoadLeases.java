package io.tinyllm.cache.core.port;

import io.tinyllm.cache.core.port.RemoteTier.RemoteEntry;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lets one JVM at a time load a key that several share. No method blocks. Implementations are thread-safe, and let
 * everybody load where they cannot do their work.
 */
public interface LoadLeases {

    /** Nobody waits for other JVMs. */
    static LoadLeases none() {
        return Absent.LEASES;
    }

    /** Returns false for {@link #none()}. */
    default boolean exists() {
        return true;
    }

    /**
     * Waits for the lease of a key, or for the entry that another JVM has loaded meanwhile.
     * @param key the key
     * @return ends within the time that a caller waits for another's load; does not fail. Dependents never run on a
     *     thread that does input and output
     */
    CompletableFuture<Lease> await(Object key);

    /**
     * How a wait ended.
     * @param found what another JVM has loaded; null where the caller has the lease
     * @param release to be run once the load has ended and its result was sent; does not block
     */
    record Lease(@Nullable RemoteEntry found, Runnable release) {

        /** A lease that keeps nobody else from loading. */
        public static final Lease FREE = new Lease(null, () -> {});
    }
}
