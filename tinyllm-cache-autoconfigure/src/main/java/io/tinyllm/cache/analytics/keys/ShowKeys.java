package io.tinyllm.cache.analytics.keys;

/** How keys, which may be personal data, are shown to who asks for them. */
public enum ShowKeys {

    /** A salted hash and the length of the text. */
    HASHED,

    /** As text. */
    PLAIN,

    /** Not at all. */
    NEVER
}
