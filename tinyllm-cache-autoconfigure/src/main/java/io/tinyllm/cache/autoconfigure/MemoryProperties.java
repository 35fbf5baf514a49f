package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.settings.TuningMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings of the memory of all caches together. */
public class MemoryProperties {

    /**
     * Settings of the memory that caches share.
     */
    private final Budget budget = new Budget();

    public Budget getBudget() {
        return budget;
    }

    /** Settings of the memory that caches share. */
    public static class Budget {

        /**
         * What the caches may hold in memory together: a size such as 256MB, a share of the heap such as 10%, or a
         * number of entries such as 50000. It is divided so that the time of loads is least. Empty for no budget.
         */
        private @Nullable String total;

        /**
         * Whether the division is carried out (act) or only told (observe).
         */
        private TuningMode mode = TuningMode.OBSERVE;

        /**
         * Names of the caches that share it, besides those with a size tuner. Empty for every cache with memory.
         */
        private List<String> caches = new ArrayList<>();

        public @Nullable String getTotal() {
            return total;
        }

        public void setTotal(@Nullable String total) {
            this.total = total;
        }

        public TuningMode getMode() {
            return mode;
        }

        public void setMode(TuningMode mode) {
            this.mode = mode;
        }

        public List<String> getCaches() {
            return caches;
        }

        public void setCaches(List<String> caches) {
            this.caches = caches;
        }
    }
}
