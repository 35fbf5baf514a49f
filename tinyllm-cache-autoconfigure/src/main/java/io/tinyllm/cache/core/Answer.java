package io.tinyllm.cache.core;

import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.port.CacheEntry;

/**
 * The answer of a load for those who wait for it.
 * @param entry the entry
 * @param outcome how the requests of those who wait are counted
 */
record Answer(CacheEntry entry, Outcome outcome) {}
