package io.tinyllm.cache.core.port;

/**
 * A place in the order of evictions by tag: an entry is older than an eviction that comes after the moment at which its
 * load, or its put, began. There are two orders: that of this JVM, and that of the shared tier.
 *
 * @param local the number of the latest eviction that this JVM knew of
 * @param shared the number, in the order of the shared tier, of the latest eviction there that this JVM knew of
 */
public record Moment(long local, long shared) {

    /** Before every eviction. */
    public static final Moment FIRST = new Moment(0, 0);
}
