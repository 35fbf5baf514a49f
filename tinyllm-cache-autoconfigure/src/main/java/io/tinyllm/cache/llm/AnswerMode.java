package io.tinyllm.cache.llm;

/** The way in which the cache of answers treats requests. */
public enum AnswerMode {
    /** Serves what is stored, and stores what it is not. */
    CACHE,
    /** Serves what is stored, and never asks a model. */
    ONLY_IF_CACHED,
    /** Always asks, and stores. */
    REFRESH,
    /** Does nothing. */
    OFF
}
