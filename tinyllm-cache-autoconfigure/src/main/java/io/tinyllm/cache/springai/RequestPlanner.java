package io.tinyllm.cache.springai;

import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.CacheControl;
import io.tinyllm.cache.llm.NoStableTextException;
import io.tinyllm.cache.springai.AskedAnswer.Route;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.cache.Cache;

/** Decides for each request whether and how a cache answers it. Thread-safe. */
final class RequestPlanner {

    static final String CONTROL = "tinyllm.cache.control";
    static final String NAME = "tinyllm.cache.name";
    static final String TENANT = "tinyllm.cache.tenant";

    private final String cacheName;
    private final AnswerMode mode;
    private final AnswerCaches caches;
    private final ModelIdentities identities;
    private final List<TenantResolver> tenants;
    private final AnswerTime time;
    private final AnswerFaults faults;

    RequestPlanner(
            String cacheName,
            AnswerMode mode,
            AnswerCaches caches,
            ModelIdentities identities,
            List<TenantResolver> tenants,
            AnswerTime time,
            AnswerFaults faults) {
        this.cacheName = cacheName;
        this.mode = mode;
        this.caches = caches;
        this.identities = identities;
        this.tenants = tenants;
        this.time = time;
        this.faults = faults;
    }

    /** Whether there is nothing to do for any request. */
    boolean isOff() {
        return mode == AnswerMode.OFF;
    }

    /**
     * Plans a request.
     * @param request the request
     * @param told the model that answers it, null to find it in the chain
     * @param chain the advisors through which it goes
     * @throws IllegalArgumentException for a parameter of the request that makes no sense
     * @throws AnswerNotCachedException if it cannot be cached, and the model is not to be asked
     */
    Plan plan(ChatClientRequest request, @Nullable ChatModel told, List<? extends Advisor> chain) {
        long started = time.micros();
        Map<String, ?> context = request.context();
        CacheControl control = CacheControl.parse(context.get(CONTROL));
        AnswerTags.of(context);
        Route route = route(control);
        String name = text(context, NAME, cacheName);
        Cache cache = find(name);
        if (cache == null) {
            return bypass(route, name, "fault");
        }
        ChatModel model = told != null ? told : ModelIdentities.of(chain);
        if (model == null) {
            faults.bypassed(
                    "model",
                    "A chat client does not show which model answers it, and is not cached: give it the advisor "
                            + "cachingAdvisor.forModel(model)");
            return bypass(route, name, "model");
        }
        ChatOptions options =
                request.prompt().getOptions() != null ? request.prompt().getOptions() : model.getOptions();
        AnswerPolicy policy = caches.policy(name);
        if (policy.isTooHot(options)) {
            faults.counters().bypassed("temperature");
            return bypass(route, name, "temperature");
        }
        try {
            String tenant = tenant(context);
            String key = RequestKeys.key(request, options, identities.identity(model), tenant, policy);
            return new Plan(new AskedAnswer(request, name, cache, policy, key, control, route, options, started), "");
        } catch (NoStableTextException e) {
            faults.bypassed("unstable", "Requests are not cached, because " + e.getMessage());
            return bypass(route, name, "unstable");
        } catch (UnknownTenantException e) {
            return bypass(route, name, "tenant");
        } catch (RuntimeException e) {
            faults.fault(name, e);
            return bypass(route, name, "fault");
        }
    }

    private @Nullable Cache find(String name) {
        try {
            return caches.cache(name);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            faults.fault(name, e);
            return null;
        }
    }

    private static Plan bypass(Route route, String name, String why) {
        if (route == Route.NEVER_ASKED) {
            throw new AnswerNotCachedException(name);
        }
        return new Plan(null, why);
    }

    private Route route(CacheControl control) {
        if (control.onlyIfCached() && control.noCache()) {
            throw new AnswerNotCachedException(cacheName);
        }
        if (control.onlyIfCached() || mode == AnswerMode.ONLY_IF_CACHED) {
            return Route.NEVER_ASKED;
        }
        boolean keep = !control.noStore() && !Long.valueOf(0).equals(control.timeToLiveSeconds());
        if (control.noCache() || mode == AnswerMode.REFRESH) {
            return keep ? Route.ASKED : Route.ASKED_ONLY;
        }
        return keep ? Route.CACHED : Route.READ_ONLY;
    }

    private @Nullable String tenant(Map<String, ?> context) {
        String named = text(context, TENANT, "");
        if (!named.isEmpty()) {
            return named;
        }
        for (TenantResolver resolver : tenants) {
            try {
                String tenant = resolver.currentTenant();
                if (tenant != null) {
                    return tenant;
                }
            } catch (RuntimeException e) {
                faults.bypassed(
                        "tenant",
                        "Requests are not cached, because a TenantResolver fails ("
                                + e.getClass().getName() + ")");
                throw new UnknownTenantException();
            }
        }
        return null;
    }

    private static String text(Map<String, ?> context, String parameter, String otherwise) {
        Object value = context.get(parameter);
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof CharSequence text) || text.isEmpty()) {
            throw new IllegalArgumentException("The parameter " + parameter + " takes a text that is not empty");
        }
        return text.toString();
    }

    /**
     * How a request is answered.
     * @param asked the request, where a cache has a part in it
     * @param bypass why none has
     */
    record Plan(@Nullable AskedAnswer asked, String bypass) {}

    /** Nobody knows on whose behalf a request is made. */
    private static final class UnknownTenantException extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }
}
