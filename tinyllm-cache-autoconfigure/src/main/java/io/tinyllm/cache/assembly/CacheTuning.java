package io.tinyllm.cache.assembly;

import io.tinyllm.cache.access.AccessConsumer;
import io.tinyllm.cache.prefetch.Prefetcher;
import io.tinyllm.cache.ttl.TtlTuning;
import io.tinyllm.cache.tuning.PartitionTuning;
import io.tinyllm.cache.tuning.SizeTuning;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What tunes one cache. Thread-safe.
 *
 * @param size the size of the local tier, null where it is fixed
 * @param partitions the bounds of its partitions, null where they are fixed
 * @param timeToLive the lives of its entries, null where they are fixed
 * @param prefetch what brings in keys before anybody asks for them, null where nothing does
 */
public record CacheTuning(
        @Nullable SizeTuning size,
        @Nullable PartitionTuning partitions,
        @Nullable TtlTuning timeToLive,
        @Nullable Prefetcher prefetch) {

    List<AccessConsumer> consumers() {
        return Stream.<@Nullable AccessConsumer>of(size, partitions, timeToLive, prefetch)
                .filter(Objects::nonNull)
                .<AccessConsumer>map(Objects::requireNonNull)
                .toList();
    }

    void stepIfDue() {
        if (size != null) {
            size.stepIfDue();
        }
        if (partitions != null) {
            partitions.stepIfDue();
        }
        if (timeToLive != null) {
            timeToLive.stepIfDue();
        }
    }

    /** Begins no more prefetches. */
    void stopPrefetching() {
        if (prefetch != null) {
            prefetch.close();
        }
    }

    /** Decides everything anew, now. */
    public void stepNow() {
        if (size != null) {
            size.stepNow();
        }
        if (partitions != null) {
            partitions.stepNow();
        }
        if (timeToLive != null) {
            timeToLive.stepNow();
        }
    }
}
