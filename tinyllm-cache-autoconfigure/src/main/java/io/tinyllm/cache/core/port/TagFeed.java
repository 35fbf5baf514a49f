package io.tinyllm.cache.core.port;

import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The evictions by tag that the JVMs on one shared tier tell each other. Implementations are thread-safe. */
public interface TagFeed {

    /**
     * Tells the others of an eviction. Does not block.
     * @param name what is evicted
     * @return its number in the order of the shared tier, greater than that of any before; may fail
     */
    CompletableFuture<Long> tell(String name);

    /**
     * Sets who hears of evictions. At most one; set before anything is told.
     * @param listener hears of them on a thread of the feed's, each once or more, own ones too; never blocks
     */
    void onEviction(Listener listener);

    /** Hears of evictions by tag. */
    interface Listener {

        /**
         * Something was evicted.
         * @param evictions what was evicted, each with its number in the order of the shared tier, in that order
         */
        void evicted(Map<String, Long> evictions);

        /**
         * Returns what was evicted here and could not be told, which the feed tells when it can: names, each with a
         * number to be handed back.
         */
        Map<String, Long> untold();

        /**
         * Something of that was told.
         * @param name what was evicted
         * @param id the number that {@link #untold} gave with it
         * @param number its number in the order of the shared tier
         */
        void told(String name, long id, long number);

        /** The shared tier has lost what it was told: all of it is to be told again. */
        void forgotten();
    }
}
