package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tinyllm.cache.core.port.CacheEntry;
import java.lang.management.ManagementFactory;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** What an entry takes of the heap beside its key and its value, with compressed references. */
class EntrySizeTests {

    private static final int COUNT = 10_000;

    private final CacheEntry.Policy policy = new CacheEntry.Policy(0.5, 1_000);
    private final CacheEntry.Factory factory = TinyLlmCache.entryFactory();

    @Test
    void anEntryTakesFortyBytesThoughItsTimeToLiveIsItsOwn() {
        assertThat(bytesEach(ttl -> factory.create(null, 0, ttl, policy))).isLessThanOrEqualTo(40);
    }

    @Test
    void entriesWithoutTagsShareTheirPolicy() {
        assertThat(policy.bearing(null)).isSameAs(policy);
    }

    private static double bytesEach(LongFunction<CacheEntry> create) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        CacheEntry[] kept = new CacheEntry[COUNT];
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < COUNT; i++) {
                kept[i] = create.apply(i);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(kept).doesNotContainNull();
        return least / (double) COUNT;
    }
}
