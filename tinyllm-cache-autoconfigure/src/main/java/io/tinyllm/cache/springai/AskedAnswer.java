package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.CacheControl;
import io.tinyllm.cache.llm.StoredAnswer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.cache.Cache;

/**
 * A request that may be answered from a cache.
 * @param request the request
 * @param cacheName the name of the cache
 * @param cache the cache
 * @param policy what it keeps
 * @param key the key of the request
 * @param control what the request asks of the cache
 * @param route how it is answered
 * @param options the options that the model will use, null for none
 * @param startedMicros when it began, in microseconds since 1970
 * @param prints its digests
 * @param account where its cost is put down
 */
record AskedAnswer(
        ChatClientRequest request,
        String cacheName,
        Cache cache,
        AnswerPolicy policy,
        String key,
        CacheControl control,
        Route route,
        @Nullable ChatOptions options,
        long startedMicros,
        Prints prints,
        Account account) {

    /** How a request is answered. */
    enum Route {
        /** From the cache, else by the model, whose answer is stored. */
        CACHED,
        /** From the cache, else by the model, whose answer is not stored. */
        READ_ONLY,
        /** By the model, whose answer is stored. */
        ASKED,
        /** By the model, whose answer is not stored. */
        ASKED_ONLY,
        /** From the cache, else not at all. */
        NEVER_ASKED
    }

    /** An answer to begin. */
    AnswerBuilder answer() {
        return new AnswerBuilder(
                policy, policy.checkJson() && AskedFormat.isJson(request, options), AnswerTags.of(request.context()));
    }

    /** Takes note of what a load has made, as long as nothing better is known of what the cache does with it. */
    void made(Object answer) {
        if (answer instanceof StoredAnswer stored) {
            account.ledger().kept(key, policy.lifeNanos(stored));
        } else if (answer instanceof UnstoredAnswer unstored) {
            account.ledger().counters().notStored(unstored.reason());
            account.ledger().notKept(key);
        }
    }

    /** Returns whether a stored answer is too old for the request. */
    boolean isTooOld(StoredAnswer answer, long nowMicros) {
        Long oldest = control.maximumAgeSeconds();
        return oldest != null && answer.ageMicros(nowMicros) > TimeUnit.SECONDS.toMicros(oldest);
    }
}
