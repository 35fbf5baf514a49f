package io.tinyllm.cache;

import org.jspecify.annotations.Nullable;

/**
 * Says on whose behalf a language model is asked. Answers of one tenant never serve another. A bean of this type is
 * asked for every request of a cache of answers, on the caller's thread; it is to be thread-safe and fast. Of several
 * beans the first that answers counts, by {@code @Order}. Where one throws, the request is answered without the cache.
 */
@FunctionalInterface
public interface TenantResolver {

    /**
     * The tenant of the calling thread.
     * @return its name, or null where there is none
     */
    @Nullable
    String currentTenant();
}
