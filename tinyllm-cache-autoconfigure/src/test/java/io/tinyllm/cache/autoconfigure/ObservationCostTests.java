package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheObserver;
import io.tinyllm.cache.spring.TinyLlmCacheManager;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** What observations cost where they are off, in bytes that a call allocates: nothing. */
class ObservationCostTests {

    private static final int CALLS = 1_000;

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class));
    private final ApplicationContextRunner observed =
            runner.withBean(ObservationRegistry.class, ObservationCostTests::registry);

    private static ObservationRegistry registry() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new Listener());
        return registry;
    }

    @Test
    void aHitAllocatesNothingWhereHitsAreNotObserved() {
        // Caffeine's read buffer may be drained by this thread now and then; a hit of ours adds nothing.
        assertThat(bytesOfHits(runner)).isLessThan(CALLS);
        assertThat(bytesOfHits(observed)).isLessThan(CALLS);
        assertThat(bytesOfHits(observed.withPropertyValues("tinyllm.cache.observations.hits=true")))
                .isGreaterThan(50 * CALLS);
    }

    @Test
    void aLoadMakesNoObservationWithoutARegistry() {
        runner.run(context -> assertThat(context.getBean(CacheObserver.class)).isSameAs(CacheObserver.none()));
        assertThat(bytesOfLoads(runner)).isLessThan(bytesOfLoads(observed) - 50 * CALLS);
    }

    private static long bytesOfHits(ApplicationContextRunner application) {
        return bytes(application, cache -> cache.get("key"));
    }

    private static long bytesOfLoads(ApplicationContextRunner application) {
        return bytes(application, cache -> {
            cache.evict("key");
            cache.get("key", () -> "value");
        });
    }

    /** The bytes of a thousand calls after a load: the least of several looks, since compiled code allocates less. */
    private static long bytes(ApplicationContextRunner application, Consumer<TieredCache> call) {
        long[] least = {Long.MAX_VALUE};
        application.run(context -> {
            TinyLlmCacheManager manager = context.getBean(TinyLlmCacheManager.class);
            manager.getCache("books").get("key", () -> "value");
            TieredCache cache = manager.find("books");
            ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int look = 0; look < 40; look++) {
                long before = thread.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < CALLS; i++) {
                    call.accept(cache);
                }
                least[0] = Math.min(least[0], thread.getCurrentThreadAllocatedBytes() - before);
            }
        });
        return least[0];
    }

    /** Listens to everything. */
    private static final class Listener implements ObservationHandler<Observation.Context> {

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }
}
