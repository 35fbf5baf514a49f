package io.tinyllm.cache.llm;

/** The usage of tokens that an answer of the cache tells. */
public enum UsageOnHit {
    /** None, which is what this request has cost. */
    ZERO,
    /** Those that the stored answer has cost. */
    RECORDED
}
