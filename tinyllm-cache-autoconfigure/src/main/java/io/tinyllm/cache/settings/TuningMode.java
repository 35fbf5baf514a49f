package io.tinyllm.cache.settings;

/** The modes of something that tunes a cache: whether its decisions are acted on. */
public enum TuningMode {

    /** They are carried out. */
    ACT,

    /** They are told only. */
    OBSERVE
}
