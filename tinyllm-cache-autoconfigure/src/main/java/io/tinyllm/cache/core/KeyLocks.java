package io.tinyllm.cache.core;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Locks for keys, which keys may share. They put the writes of a key to a store in one order, which the in-flight table
 * cannot, since a store may take its time. Thread-safe.
 *
 * <p>They order writes and guard nothing: a store that writes to its caches while it is written to may make two writes
 * wait for each other, and the one that notices goes on without. Writes of a key that overlap are held by no tier.
 */
final class KeyLocks {

    /** The locks of caches that have nothing below the local tier. */
    static final KeyLocks UNUSED = new KeyLocks(1);

    private static final int STRIPES = 1024;

    /** The longest that a call of a store should take: whoever has waited for so long goes on without. */
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** The lock that each thread waits for, in all caches of the JVM. */
    private static final ConcurrentHashMap<Thread, OwnedLock> WAITS = new ConcurrentHashMap<>();

    private final OwnedLock[] locks;

    KeyLocks() {
        this(STRIPES);
    }

    private KeyLocks(int stripes) {
        this.locks = new OwnedLock[stripes];
        for (int i = 0; i < stripes; i++) {
            locks[i] = new OwnedLock();
        }
    }

    /**
     * Waits for the lock of a key. An interrupt ends no wait.
     * @return what was locked, to be closed; {@link Held#isHeld} tells whether it was
     */
    Held lock(Object key) {
        OwnedLock lock = of(key);
        return new Held(lock.tryLock() || await(lock) ? lock : null);
    }

    /** Returns whether the calling thread has any of the locks: it is inside of a write. */
    boolean isInside() {
        for (OwnedLock lock : locks) {
            if (lock.isHeldByCurrentThread()) {
                return true;
            }
        }
        return false;
    }

    private OwnedLock of(Object key) {
        int hash = key.hashCode() * 0x9e3779b9;
        return locks[(hash >>> 22) % locks.length];
    }

    private static boolean await(OwnedLock lock) {
        Thread self = Thread.currentThread();
        boolean interrupted = false;
        WAITS.put(self, lock);
        try {
            while (!isCycle(self, lock)) {
                try {
                    return lock.tryLock(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return false;
        } finally {
            WAITS.remove(self, lock);
            if (interrupted) {
                self.interrupt();
            }
        }
    }

    /** Returns whether the owner of a lock waits, however indirectly, for one of the calling thread's. */
    private static boolean isCycle(Thread self, OwnedLock lock) {
        OwnedLock next = lock;
        // Bounded, because the waits of other threads change while we look at them.
        for (int i = 0; next != null && i < 64; i++) {
            Thread owner = next.owner();
            if (owner == self) {
                return true;
            }
            next = owner == null ? null : WAITS.get(owner);
        }
        return false;
    }

    /** The lock that a thread has taken, if any. Confined to its thread. */
    static final class Held implements AutoCloseable {

        private final @Nullable OwnedLock lock;

        private Held(@Nullable OwnedLock lock) {
            this.lock = lock;
        }

        /** Returns whether the thread has the lock; without it, others write the key meanwhile. */
        boolean isHeld() {
            return lock != null;
        }

        @Override
        public void close() {
            if (lock != null) {
                lock.unlock();
            }
        }
    }

    /** A lock that tells who has it. */
    private static final class OwnedLock extends ReentrantLock {

        private static final long serialVersionUID = 1L;

        @Nullable
        Thread owner() {
            return getOwner();
        }
    }
}
