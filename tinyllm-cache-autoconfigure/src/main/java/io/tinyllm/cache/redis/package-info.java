/**
 * Redis as a store of remote tiers: connections, key space, and news of changes. Nothing outside this package knows
 * Lettuce or Spring Data Redis.
 */
@NullMarked
package io.tinyllm.cache.redis;

import org.jspecify.annotations.NullMarked;
