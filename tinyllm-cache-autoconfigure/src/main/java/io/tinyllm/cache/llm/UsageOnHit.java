package io.tinyllm.cache.llm;

/** What an answer of the cache says of the tokens that it cost. */
public enum UsageOnHit {
    /** None, which is what this request has cost. */
    ZERO,
    /** Those that the stored answer has cost. */
    RECORDED
}
