package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.NotStored;
import java.util.List;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * An answer for those who wait for it, and not for the cache.
 * @param reason why not
 * @param responses its pieces; none where it was too large to keep
 */
record UnstoredAnswer(NotStored reason, List<ChatResponse> responses) {}
