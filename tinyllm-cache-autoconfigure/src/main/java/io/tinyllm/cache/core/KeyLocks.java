package io.tinyllm.cache.core;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks for keys, which keys may share. They put the writes of a key to a store in one order, which the
 * in-flight table cannot, since a store may take its time. Thread-safe.
 */
final class KeyLocks {

    /** The locks of caches that write to no store. */
    static final KeyLocks UNUSED = new KeyLocks();

    private static final int STRIPES = 1024;

    private final Lock[] locks = new Lock[STRIPES];

    KeyLocks() {
        for (int i = 0; i < STRIPES; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    Lock of(Object key) {
        int hash = key.hashCode() * 0x9e3779b9;
        return locks[hash >>> 22];
    }
}
