package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.CacheControl;
import io.tinyllm.cache.llm.Fingerprint;
import io.tinyllm.cache.llm.NoStableTextException;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
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
    private final Tenants tenants;
    private final AnswerTime time;
    private final AnswerFaults faults;
    private final AnswerLedgers ledgers;

    RequestPlanner(
            String cacheName,
            AnswerMode mode,
            AnswerCaches caches,
            ModelIdentities identities,
            Tenants tenants,
            AnswerTime time,
            AnswerFaults faults,
            AnswerLedgers ledgers) {
        this.cacheName = cacheName;
        this.mode = mode;
        this.caches = caches;
        this.identities = identities;
        this.tenants = tenants;
        this.time = time;
        this.faults = faults;
        this.ledgers = ledgers;
    }

    /** Returns whether there is nothing to do for any request. */
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
        ChatModel model = told != null ? told : ModelIdentities.of(chain);
        ChatOptions options = request.prompt().getOptions() != null
                ? request.prompt().getOptions()
                : model == null ? null : model.getOptions();
        Account account = new Account(ledgers.of(name), options == null ? null : options.getModel(), time);
        if (cache == null) {
            return bypass(route, name, "fault", account);
        }
        if (model == null) {
            faults.bypassed(
                    name,
                    "model",
                    "A chat client does not show which model answers it, and is not cached: give it the advisor "
                            + "cachingAdvisor.forModel(model)");
            return bypass(route, name, "model", account);
        }
        AnswerPolicy policy = caches.policy(name);
        if (policy.isTooHot(options)) {
            account.ledger().counters().bypassed("temperature");
            return bypass(route, name, "temperature", account);
        }
        try {
            String tenant = tenant(context, name);
            Fingerprint print = RequestKeys.print(request, options, identities.identity(model), tenant, policy);
            String key = print.key(tenant, account.model());
            Prints prints = new Prints(print.digests(), request.prompt().getInstructions());
            return new Plan(
                    new AskedAnswer(
                            request, name, cache, policy, key, control, route, options, started, prints, account),
                    "",
                    account);
        } catch (NoStableTextException e) {
            faults.bypassed(name, "unstable", "Requests are not cached, because " + e.getMessage());
            return bypass(route, name, "unstable", account);
        } catch (Tenants.UnknownTenantException e) {
            return bypass(route, name, "tenant", account);
        } catch (RuntimeException e) {
            faults.fault(name, e);
            return bypass(route, name, "fault", account);
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

    private static Plan bypass(Route route, String name, String why, Account account) {
        if (route == Route.NEVER_ASKED) {
            throw AnswerNotCachedException.uncacheable(name, why);
        }
        return new Plan(null, why, account);
    }

    private Route route(CacheControl control) {
        if (control.onlyIfCached() && control.noCache()) {
            throw AnswerNotCachedException.contradiction(cacheName);
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

    private @Nullable String tenant(Map<String, ?> context, String cacheName) {
        String named = text(context, TENANT, "");
        if (!named.isEmpty()) {
            return named;
        }
        return tenants.current(cacheName);
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
     * @param account where its cost is put down
     */
    record Plan(@Nullable AskedAnswer asked, String bypass, Account account) {}
}
