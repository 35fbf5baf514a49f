package io.tinyllm.cache.remote;

import java.util.concurrent.CompletableFuture;

/**
 * A store that grants leases: the right to a key for some time, unless it is given back before. Thread-safe; the same
 * rules as for {@link RemoteStore} hold.
 */
public interface LeaseStore {

    /**
     * Takes the lease of a key unless somebody has it.
     * @return whether it was taken
     */
    CompletableFuture<Boolean> acquire(byte[] key, byte[] token, long millis);

    /** Makes the lease with this token last so long from now on, if it still is the key's. */
    CompletableFuture<?> renew(byte[] key, byte[] token, long millis);

    /** Gives the lease with this token back, if it still is the key's. */
    CompletableFuture<?> release(byte[] key, byte[] token);
}
