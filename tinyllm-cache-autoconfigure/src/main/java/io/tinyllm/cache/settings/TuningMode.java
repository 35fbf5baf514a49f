package io.tinyllm.cache.settings;

/** What comes of the decisions of something that tunes a cache. */
public enum TuningMode {

    /** They are carried out. */
    ACT,

    /** They are told only. */
    OBSERVE
}
