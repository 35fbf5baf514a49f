package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import reactor.core.publisher.Mono;

/**
 * A cached method that calls another one of the same cache and key, as overloads and a service over a repository do:
 * its refresh asks the backend, and is not answered by the entry that it is to replace.
 */
@Timeout(60)
class NestedRefreshTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
            .withUserConfiguration(Application.class)
            .withPropertyValues(
                    // due after 36 ms
                    "tinyllm.cache.caches.ahead.time-to-live=1h",
                    "tinyllm.cache.caches.ahead.refresh-ahead=0.00001",
                    "tinyllm.cache.caches.stale.time-to-live=20ms",
                    "tinyllm.cache.caches.stale.stale-while-revalidate=1h",
                    "tinyllm.cache.caches.waited.time-to-live=20ms",
                    "tinyllm.cache.caches.waited.stale-while-revalidate=1h",
                    "tinyllm.cache.caches.waited.stale-while-revalidate-wait=200ms");

    enum Style {
        AHEAD(service -> service.ahead("key")),
        STALE(service -> service.stale("key")),
        WAITED(service -> service.waited("key")),
        SYNC(service -> service.sync("key")),
        FUTURE(service -> service.future("key").join()),
        MONO(service -> service.mono("key").block());

        private final Function<Service, @Nullable Integer> call;

        Style(Function<Service, @Nullable Integer> call) {
            this.call = call;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRefreshOfAMethodWithinAMethodBringsWhatIsNew(Style style) {
        runner.run(context -> {
            Service service = context.getBean(Service.class);
            assertThat(style.call.apply(service)).isEqualTo(1);
            await().atMost(Duration.ofSeconds(20)).until(() -> style.call.apply(service) >= 3);
            assertThat(service.loads()).isGreaterThanOrEqualTo(3);
        });
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Service.class)
    static class Application {}

    static class Service {

        private final AtomicInteger loads = new AtomicInteger();

        @Autowired
        @Lazy
        private @Nullable Service self;

        int loads() {
            return loads.get();
        }

        @Cacheable("ahead")
        public Integer ahead(String key) {
            return self.aheadInside(key);
        }

        @Cacheable("ahead")
        public Integer aheadInside(String key) {
            return loads.incrementAndGet();
        }

        @Cacheable("stale")
        public Integer stale(String key) {
            return self.staleInside(key);
        }

        @Cacheable("stale")
        public Integer staleInside(String key) {
            return loads.incrementAndGet();
        }

        @Cacheable("waited")
        public Integer waited(String key) {
            return self.waitedInside(key);
        }

        @Cacheable("waited")
        public Integer waitedInside(String key) {
            return loads.incrementAndGet();
        }

        @Cacheable(cacheNames = "ahead", sync = true)
        public Integer sync(String key) {
            return self.aheadInside(key);
        }

        @Cacheable("ahead")
        public CompletableFuture<Integer> future(String key) {
            return self.futureInside(key);
        }

        @Cacheable("ahead")
        public CompletableFuture<Integer> futureInside(String key) {
            return CompletableFuture.supplyAsync(loads::incrementAndGet);
        }

        @Cacheable("ahead")
        public Mono<Integer> mono(String key) {
            return self.monoInside(key);
        }

        @Cacheable("ahead")
        public Mono<Integer> monoInside(String key) {
            return Mono.fromSupplier(loads::incrementAndGet);
        }
    }
}
