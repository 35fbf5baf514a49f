package io.tinyllm.cache;

import java.util.List;

/**
 * Hears of what callers do to the caches, soon after. A bean of this type is found by itself.
 *
 * <p>It is called on a thread of its own, never on that of a caller, one batch after the other. Batches are for
 * watching, not for accounts: under load accesses are left out, and all of those that come while the listener is far
 * behind. A listener that throws ten times in a row is left out for a while, which is logged
 * once, and then tried again.
 */
@FunctionalInterface
public interface AccessListener {

    /**
     * Hears of accesses.
     * @param cacheName the cache
     * @param accesses the accesses, not empty; those of one thread in their order
     */
    void onAccesses(String cacheName, List<Access> accesses);
}
