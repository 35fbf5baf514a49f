package io.tinyllm.cache.access.tuner;

import io.tinyllm.cache.access.AccessConsumer;

/** Learns from the accesses to one cache and decides something about it from time to time. Thread-safe. */
public interface Tuner extends AccessConsumer {

    /** Decides if it is time to. Called about once a second. */
    void stepIfDue();

    /** Decides now, whether it is time to or not. */
    void stepNow();
}
