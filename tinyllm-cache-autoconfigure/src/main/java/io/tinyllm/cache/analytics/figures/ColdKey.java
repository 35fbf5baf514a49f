package io.tinyllm.cache.analytics.figures;

/**
 * A key that the local tier holds and nobody has asked for in a long time.
 *
 * @param key the key
 * @param idleNanos how long ago it was last asked for or, where it never was, written
 */
public record ColdKey(Object key, long idleNanos) {}
