package io.tinyllm.cache.tuning;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * The share of the long-lived part of the heap that was in use after its last garbage collection; 0 where no collection
 * has been since the last reading, so that one full heap is acted upon once. Not thread-safe.
 */
final class HeapOccupancy implements DoubleSupplier {

    private final List<MemoryPoolMXBean> pools;
    private long lastUsed;

    private HeapOccupancy(List<MemoryPoolMXBean> pools) {
        this.pools = pools;
    }

    /**
     * The heap of this process. Where entries end up are the pools that support a threshold: those of young objects do
     * not.
     */
    public static HeapOccupancy ofThisProcess() {
        return new HeapOccupancy(ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP
                        && pool.isUsageThresholdSupported()
                        && pool.isCollectionUsageThresholdSupported())
                .toList());
    }

    @Override
    public double getAsDouble() {
        long used = 0;
        long maximum = 0;
        for (MemoryPoolMXBean pool : pools) {
            MemoryUsage usage = pool.getCollectionUsage();
            if (usage != null && usage.getMax() > 0) {
                used += usage.getUsed();
                maximum += usage.getMax();
            }
        }
        if (used == lastUsed || maximum == 0) {
            return 0;
        }
        lastUsed = used;
        return (double) used / maximum;
    }
}
