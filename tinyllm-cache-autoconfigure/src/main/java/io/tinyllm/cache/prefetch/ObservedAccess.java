package io.tinyllm.cache.prefetch;

import io.tinyllm.cache.Outcome;

/**
 * One access of a caller, as the prefetcher learns from it; a prefetch itself is none.
 * @param session whose accesses follow each other, such as a thread's id or the hash of a user
 * @param nanos how long it took, or -1 where it was not timed
 */
public record ObservedAccess(long session, Object key, Outcome outcome, long nanos) {}
