package io.tinyllm.cache.remote;

import io.tinyllm.cache.core.Hashes;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One order of the changes of each key, which all copies see, and versions that tell whether a key has changed: keys
 * may share one, so that a key may seem to have changed, but never the reverse. Thread-safe; what runs in order only
 * sends.
 */
final class KeyOrder {

    private static final int BITS = 8;
    private static final int STRIPES = 1 << BITS;

    private final Stripe[] stripes = new Stripe[STRIPES];
    private volatile int epoch;

    KeyOrder() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new Stripe();
        }
    }

    private Stripe stripe(Object key) {
        return stripes[Hashes.stripe(key.hashCode(), BITS)];
    }

    /** The version of a key. */
    long version(Object key) {
        return stripe(key).version;
    }

    /** The version of the whole, which only a change of every key changes. */
    int epoch() {
        return epoch;
    }

    /** Changes a key. */
    <R> R change(Object key, Supplier<R> sending) {
        Stripe stripe = stripe(key);
        stripe.lock();
        try {
            stripe.change();
            return sending.get();
        } finally {
            // Whoever saw the version meanwhile may have seen what is not changed everywhere yet.
            stripe.change();
            stripe.unlock();
        }
    }

    /** Changes every key. */
    <R> R changeAll(Supplier<R> sending) {
        int locked = 0;
        try {
            for (; locked < STRIPES; locked++) {
                stripes[locked].lock();
                stripes[locked].change();
            }
            int last = epoch;
            epoch = last + 1;
            return sending.get();
        } finally {
            while (locked > 0) {
                stripes[--locked].change();
                stripes[locked].unlock();
            }
        }
    }

    /** Sends something that changes no key, in order with the changes of one. */
    <R> R keepIf(Object key, BooleanSupplier allowed, Supplier<R> sending, R otherwise) {
        Stripe stripe = stripe(key);
        stripe.lock();
        try {
            return allowed.getAsBoolean() ? sending.get() : otherwise;
        } finally {
            stripe.unlock();
        }
    }

    private static final class Stripe extends ReentrantLock {

        private static final long serialVersionUID = 1L;

        private volatile long version;

        /** Called by the thread that holds it. */
        void change() {
            long last = version;
            version = last + 1;
        }
    }
}
