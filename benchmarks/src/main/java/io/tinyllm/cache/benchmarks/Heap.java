package io.tinyllm.cache.benchmarks;

import java.lang.management.ManagementFactory;

/** The heap of this JVM. */
public final class Heap {

    private static final int COLLECTIONS = 6;

    private Heap() {}

    /** The bytes that are left in use after some collections; the least that was seen. */
    public static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
