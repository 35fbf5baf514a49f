package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.UsageOnHit;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Settings of the caches for language models. */
final class LlmProperties {

    /**
     * Name of the cache of what language models answer. Empty for none.
     */
    private @Nullable String cache;

    /**
     * What that cache does with requests: serves and stores, never asks a model, always asks and stores, or
     * nothing.
     */
    private AnswerMode mode = AnswerMode.CACHE;

    /**
     * What an answer of the cache says of the tokens that it cost: none, or those that the stored answer has cost.
     */
    private UsageOnHit usageOnHit = UsageOnHit.ZERO;

    /**
     * Name of the cache of the vectors of embedding models, text by text. Empty for none.
     */
    private @Nullable String embeddings;

    /**
     * Currency of all costs, as ISO 4217 names it.
     */
    private String currency = "USD";

    /**
     * Prices of models, by patterns of their names in which * stands for any text; the longest that fits counts.
     */
    private final Map<String, ModelPrice> prices = new LinkedHashMap<>();

    /**
     * How much money refreshes and prefetches of answers may cost in a time, such as 2.00/1d. Empty for no bound.
     */
    private @Nullable String backgroundBudget;

    public @Nullable String getEmbeddings() {
        return embeddings;
    }

    public void setEmbeddings(@Nullable String embeddings) {
        this.embeddings = embeddings;
    }

    public String getCurrency() {
        return currency;
    }

    public void setCurrency(String currency) {
        this.currency = currency;
    }

    public Map<String, ModelPrice> getPrices() {
        return prices;
    }

    public @Nullable String getBackgroundBudget() {
        return backgroundBudget;
    }

    public void setBackgroundBudget(@Nullable String backgroundBudget) {
        this.backgroundBudget = backgroundBudget;
    }

    public @Nullable String getCache() {
        return cache;
    }

    public void setCache(@Nullable String cache) {
        this.cache = cache;
    }

    public AnswerMode getMode() {
        return mode;
    }

    public void setMode(AnswerMode mode) {
        this.mode = mode;
    }

    public UsageOnHit getUsageOnHit() {
        return usageOnHit;
    }

    public void setUsageOnHit(UsageOnHit usageOnHit) {
        this.usageOnHit = usageOnHit;
    }

    /** The price of the tokens of a model. */
    static final class ModelPrice {

        /**
         * Price of a million tokens that the model reads.
         */
        private BigDecimal input = BigDecimal.ZERO;

        /**
         * Price of a million tokens that the model writes.
         */
        private BigDecimal output = BigDecimal.ZERO;

        /**
         * Price of a million tokens that the model reads from the provider's own cache. By default that of input.
         */
        private @Nullable BigDecimal cachedInput;

        /**
         * Price of a million tokens that the provider writes into its own cache. By default that of input.
         */
        private @Nullable BigDecimal cacheWrite;

        /**
         * Whether the provider counts tokens of its own cache among those that the model reads, as OpenAI does and
         * Anthropic does not.
         */
        private boolean cachedInputIncluded = true;

        public BigDecimal getInput() {
            return input;
        }

        public void setInput(BigDecimal input) {
            this.input = input;
        }

        public BigDecimal getOutput() {
            return output;
        }

        public void setOutput(BigDecimal output) {
            this.output = output;
        }

        public @Nullable BigDecimal getCachedInput() {
            return cachedInput;
        }

        public void setCachedInput(@Nullable BigDecimal cachedInput) {
            this.cachedInput = cachedInput;
        }

        public @Nullable BigDecimal getCacheWrite() {
            return cacheWrite;
        }

        public void setCacheWrite(@Nullable BigDecimal cacheWrite) {
            this.cacheWrite = cacheWrite;
        }

        public boolean isCachedInputIncluded() {
            return cachedInputIncluded;
        }

        public void setCachedInputIncluded(boolean cachedInputIncluded) {
            this.cachedInputIncluded = cachedInputIncluded;
        }
    }
}
