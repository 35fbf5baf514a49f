package io.tinyllm.cache.benchmarks.replay;

import java.lang.management.ManagementFactory;

/** Processor time of the calling thread, which other processes do not disturb as they do the time on the wall. */
final class CpuTime {

    private CpuTime() {}

    /** In nanoseconds since an origin of its own. */
    static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
