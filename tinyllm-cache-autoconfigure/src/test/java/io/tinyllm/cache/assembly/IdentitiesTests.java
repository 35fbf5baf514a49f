package io.tinyllm.cache.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.core.CacheCounters;
import io.tinyllm.cache.core.CoarseTicker;
import io.tinyllm.cache.core.LoadFailedException;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.settings.CacheDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class IdentitiesTests {

    @Test
    void everyRequestIsCountedOnceWhateverTheThreadsDo() throws Exception {
        CacheSettings settings = new CacheSettings();
        settings.getMemory().setMaximumSize(50);
        settings.getBypass().setKeyPatterns(List.of("9*"));
        settings.getNegative().setEnabled(true);
        int threads = 8;
        int each = 20_000;
        try (ControlPlane controlPlane = new ControlPlane(System::nanoTime, List.of())) {
            TieredCache cache = new CacheAssembler(
                            CoarseTicker.exactly(System::nanoTime),
                            Runnable::run,
                            Runnable::run,
                            Runnable::run,
                            CacheEntry.Factory.PLAIN,
                            Extensions.NONE,
                            controlPlane)
                    .assemble(new CacheDefinition("cache", "test", settings));
            ExecutorService executor = Executors.newFixedThreadPool(threads);
            try {
                List<Callable<Void>> callers = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int seed = t;
                    callers.add(() -> {
                        for (int i = 0; i < each; i++) {
                            request(cache, seed * 31 + i);
                        }
                        return null;
                    });
                }
                for (Future<Void> called : executor.invokeAll(callers)) {
                    called.get();
                }
            } finally {
                executor.shutdownNow();
            }
            CacheCounters counters = cache.counters();
            assertThat(counters.hits() + counters.misses() + counters.bypassed())
                    .isEqualTo((long) threads * each);
            assertThat(counters.hits())
                    .isEqualTo(counters.memoryHits()
                            + counters.remoteHits()
                            + counters.replicaHits()
                            + counters.storeHits());
            assertThat(counters.bypassed()).isPositive();
            assertThat(counters.negativeHits()).isPositive();
            assertThat(controlPlane.failures()).isZero();
        }
    }

    private static void request(TieredCache cache, int i) {
        String key = Integer.toString(i * 7 % 100);
        Callable<Object> loader = () -> {
            if (key.startsWith("1")) {
                throw new IllegalArgumentException("none such");
            }
            return key;
        };
        try {
            switch (i % 4) {
                case 0 -> cache.get(key);
                case 1 -> cache.get(key, loader);
                case 2 -> cache.getAsync(key, () -> CompletableFuture.completedFuture(key));
                default -> {
                    cache.get(key, loader);
                    cache.putIfAbsent(key, key);
                    cache.evict(key);
                }
            }
        } catch (LoadFailedException e) {
            assertThat(e.failure()).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
