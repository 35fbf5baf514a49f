package io.tinyllm.cache.springai;

import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.CacheStatus;
import io.tinyllm.cache.llm.HeldAnswers;
import io.tinyllm.cache.llm.UsageOnHit;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.springai.RequestPlanner.Plan;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;

/**
 * Advisor of a chat client that answers from a cache what a language model has answered before, in one piece or as a
 * stream. It is the innermost one: what it caches is one round of the model, so that tools run, and memory and
 * retrieval add to the prompt, as without it. How a request was answered is told in the metadata of the response,
 * {@code cache-status} (RFC 9211) and {@code cache-key}. Thread-safe.
 *
 * <p>A request may carry parameters: {@code tinyllm.cache.control} with directives of RFC 9111, {@code
 * tinyllm.cache.name} for another cache, {@code tinyllm.cache.tenant}, {@code tinyllm.cache.tags}.
 * Exceptions are those of the model, {@link
 * AnswerNotCachedException}, {@link io.tinyllm.cache.LoadTimeoutException}, and {@link IllegalArgumentException} for a
 * parameter that makes no sense.
 */
public final class CachingAdvisor implements CallAdvisor, StreamAdvisor {

    /** Inside the advisors of Spring AI and of applications, and outside the model. */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 100;

    /** Marks a request that an outer one of two caching advisors of a chain has taken. */
    private static final String TAKEN = "tinyllm.cache.taken";

    private final RequestPlanner planner;
    private final BlockingAnswers blocking;
    private final StreamedAnswers streamed;
    private final @Nullable ChatModel model;

    /**
     * Creates an advisor.
     * @param cacheName the cache of the answers
     * @param mode what it does with requests
     * @param usageOnHit what an answer of the cache says of its cost
     * @param caches finds the caches
     * @param beans the application's beans, to tell models apart
     * @param tenants say on whose behalf a request is made
     * @param ledgers take down what answers cost and save
     * @param tiers know what the caches hold
     * @param clock the time of day
     * @param ticker a monotonic time in nanoseconds
     */
    public CachingAdvisor(
            String cacheName,
            AnswerMode mode,
            UsageOnHit usageOnHit,
            AnswerCaches caches,
            ConfigurableListableBeanFactory beans,
            List<TenantResolver> tenants,
            AnswerLedgers ledgers,
            HeldAnswers tiers,
            Clock clock,
            LongSupplier ticker) {
        AnswerTime time = new AnswerTime(clock, ticker);
        AnswerFaults faults = new AnswerFaults(ledgers);
        LiveAnswers live = new LiveAnswers();
        boolean recorded = usageOnHit == UsageOnHit.RECORDED;
        this.planner = new RequestPlanner(
                cacheName,
                mode,
                caches,
                new ModelIdentities(beans),
                new Tenants(tenants, faults),
                time,
                faults,
                ledgers);
        this.blocking = new BlockingAnswers(live, time, faults, tiers, recorded);
        this.streamed = new StreamedAnswers(live, time, faults, tiers, recorded);
        this.model = null;
    }

    private CachingAdvisor(CachingAdvisor other, ChatModel model) {
        this.planner = other.planner;
        this.blocking = other.blocking;
        this.streamed = other.streamed;
        this.model = model;
    }

    /**
     * The same cache for a client whose chain does not show which model answers it.
     * @param answering the model that does
     * @return an advisor for that client
     */
    public CachingAdvisor forModel(ChatModel answering) {
        return new CachingAdvisor(this, answering);
    }

    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        if (planner.isOff() || request.context().containsKey(TAKEN)) {
            return chain.nextCall(untaken(request));
        }
        Plan plan = planner.plan(request, model, chain.getCallAdvisors());
        ChatClientRequest taken = taken(request, chain.getCallAdvisors());
        if (plan.asked() != null) {
            return blocking.answer(plan.asked(), () -> chain.copy(this).nextCall(taken));
        }
        ChatClientResponse response =
                plan.account().asking(() -> chain.copy(this).nextCall(taken));
        ChatResponse said = response.chatResponse();
        return said == null
                ? response
                : new ChatClientResponse(
                        Responses.told(said, CacheStatus.bypassed(plan.bypass()), null), response.context());
    }

    @Override
    public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
        if (planner.isOff() || request.context().containsKey(TAKEN)) {
            return chain.nextStream(untaken(request));
        }
        return Flux.defer(() -> {
            Plan plan = planner.plan(request, model, chain.getStreamAdvisors());
            ChatClientRequest taken = taken(request, chain.getStreamAdvisors());
            Flux<ChatClientResponse> stream = Flux.defer(() -> chain.copy(this).nextStream(taken));
            return plan.asked() != null
                    ? streamed.answer(plan.asked(), stream)
                    : LastPiece.told(
                            plan.account().asking(stream),
                            () -> CompletableFuture.completedFuture(CacheStatus.bypassed(plan.bypass())),
                            null,
                            request);
        });
    }

    /** Where two caching advisors are in a chain, the inner one leaves the request to the outer one. */
    private static ChatClientRequest taken(ChatClientRequest request, List<? extends Advisor> chain) {
        int advisors = 0;
        for (Advisor advisor : chain) {
            advisors += advisor instanceof CachingAdvisor ? 1 : 0;
        }
        if (advisors < 2) {
            return request;
        }
        Map<String, @Nullable Object> context = new HashMap<>(request.context());
        context.put(TAKEN, true);
        return new ChatClientRequest(request.prompt(), context);
    }

    private static ChatClientRequest untaken(ChatClientRequest request) {
        if (!request.context().containsKey(TAKEN)) {
            return request;
        }
        Map<String, @Nullable Object> context = new HashMap<>(request.context());
        context.remove(TAKEN);
        return new ChatClientRequest(request.prompt(), context);
    }

    @Override
    public String getName() {
        return "tinyllm cache";
    }

    @Override
    public int getOrder() {
        return ORDER;
    }
}
