package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.NotStored;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * An answer for those who wait for it, and not for the cache.
 * @param reason why not
 * @param responses its pieces; none where it was too large to keep
 * @param tokens what it cost, null where the model did not say
 * @param tookNanos how long the model took
 */
record UnstoredAnswer(
        NotStored reason,
        List<ChatResponse> responses,
        @Nullable Tokens tokens,
        long tookNanos) {}
