package io.tinyllm.cache.springai;

import io.tinyllm.cache.TenantResolver;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** On whose behalf a model is asked, as the beans of the application say. Thread-safe. */
final class Tenants {

    private final List<TenantResolver> resolvers;
    private final AnswerFaults faults;

    Tenants(List<TenantResolver> resolvers, AnswerFaults faults) {
        this.resolvers = List.copyOf(resolvers);
        this.faults = faults;
    }

    /**
     * The tenant of the calling thread, null for nobody's in particular.
     * @param cacheName the cache in question
     * @throws UnknownTenantException if a bean fails, which is counted and said
     */
    @Nullable
    String current(String cacheName) {
        for (TenantResolver resolver : resolvers) {
            try {
                String tenant = resolver.currentTenant();
                if (tenant != null) {
                    return tenant;
                }
            } catch (RuntimeException e) {
                faults.bypassed(
                        cacheName,
                        "tenant",
                        "Requests are not cached, because a TenantResolver fails ("
                                + e.getClass().getName() + ")");
                throw new UnknownTenantException();
            }
        }
        return null;
    }

    /** Nobody knows on whose behalf a request is made. */
    static final class UnknownTenantException extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }
}
