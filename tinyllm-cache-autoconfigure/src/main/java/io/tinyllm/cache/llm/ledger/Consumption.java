package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one answer, however its provider counts: each is counted once. Immutable.
 *
 * @param plainInputTokens read by the model, and not from or into the provider's cache
 * @param cachedInputTokens read from the provider's cache
 * @param cacheWrittenTokens read and cached by the provider
 * @param outputTokens written by the model
 */
record Consumption(long plainInputTokens, long cachedInputTokens, long cacheWrittenTokens, long outputTokens) {

    private static final Consumption NONE = new Consumption(0, 0, 0, 0);

    /**
     * Counts what a provider says.
     * @param tokens what it says, null for nothing
     * @param cachedInputIncluded whether its number of tokens read has those of its cache among them
     */
    static Consumption of(@Nullable Tokens tokens, boolean cachedInputIncluded) {
        if (tokens == null) {
            return NONE;
        }
        long cached = count(tokens.cacheRead());
        long written = count(tokens.cacheWritten());
        long plain = cachedInputIncluded ? Math.max(0, tokens.input() - cached - written) : tokens.input();
        return new Consumption(plain, cached, written, tokens.output());
    }

    private static long count(@Nullable Long tokens) {
        return tokens == null ? 0 : Math.max(0, tokens);
    }

    /** All tokens that the model has read. */
    long inputTokens() {
        return plainInputTokens + cachedInputTokens + cacheWrittenTokens;
    }
}
