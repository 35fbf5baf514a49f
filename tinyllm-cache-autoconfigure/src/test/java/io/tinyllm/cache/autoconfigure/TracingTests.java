package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tinyllm.cache.Outcome;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.observe.CacheObservations;
import io.tinyllm.cache.remote.InMemoryRemoteTier;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Loads and operations of the shared tier are observations, and hits in memory are not. */
class TracingTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
            .withUserConfiguration(Traced.class);

    @Test
    void aLoadIsObservedOnceHoweverTheMethodIsDeclared() {
        runner.run(context -> {
            Service service = context.getBean(Service.class);
            Recorder recorder = context.getBean(Recorder.class);
            for (int i = 0; i < 2; i++) {
                assertThat(service.plain("secret")).isEqualTo("tinyllm.cache.load");
                assertThat(service.synchronizedOn("secret")).isEqualTo("tinyllm.cache.load");
                assertThat(service.future("secret").join()).isEqualTo("tinyllm.cache.load");
                assertThat(service.mono("secret").block()).isEqualTo("value");
                assertThat(service.flux("secret").collectList().block()).containsExactly("a", "b");
                context.getBean(CacheManager.class).getCache("direct").get("secret", () -> "value");
            }
            assertThat(recorder.ended)
                    .containsExactlyInAnyOrder(
                            "tinyllm.cache.load plain success false",
                            "tinyllm.cache.load sync success false",
                            "tinyllm.cache.load future success false",
                            "tinyllm.cache.load mono success false",
                            "tinyllm.cache.load flux success false",
                            "tinyllm.cache.load direct success false");
            assertThat(recorder.tags).doesNotContain("secret").contains("plain");
        });
    }

    @Test
    void aRefreshInTheBackgroundIsObserved() {
        runner.withPropertyValues(
                        "tinyllm.cache.caches.plain.time-to-live=1m",
                        "tinyllm.cache.caches.plain.refresh-ahead=0.000001")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    Recorder recorder = context.getBean(Recorder.class);
                    service.plain("key");
                    Awaitility.await().until(() -> {
                        service.plain("key");
                        return recorder.ended.size() >= 2;
                    });
                    assertThat(recorder.ended).containsOnly("tinyllm.cache.load plain success false");
                });
    }

    @Test
    void aFailedLoadIsObservedAsOne() {
        runner.run(context -> {
            Service service = context.getBean(Service.class);
            assertThatThrownBy(() -> service.failing("key")).hasMessage("down");
            assertThat(context.getBean(Recorder.class).errors).containsExactly("down");
            assertThat(context.getBean(Recorder.class).ended)
                    .containsExactly("tinyllm.cache.load failing failure false");
        });
    }

    @Test
    void whatHandlesObservationsHarmsNoCaller() {
        runner.withBean("broken", Broken.class).run(context -> {
            assertThat(context.getBean(Service.class).mono("key").block()).isEqualTo("value");
            assertThat(context.getBean(Service.class).failing(null)).isNull();
        });
    }

    @Test
    void hitsAreObservedWhereThatIsWanted() {
        runner.withPropertyValues("tinyllm.cache.observations.hits=true").run(context -> {
            Service service = context.getBean(Service.class);
            service.plain("secret");
            service.plain("secret");
            assertThat(context.getBean(Recorder.class).ended)
                    .containsExactly("tinyllm.cache.load plain success false", "tinyllm.cache.get plain memory");
            assertThat(context.getBean(Recorder.class).tags).doesNotContain("secret");
        });
    }

    @Test
    void aStaleAnswerInPlaceOfAFailedLoadIsTold() {
        runner.withPropertyValues(
                        "tinyllm.cache.caches.flaky.time-to-live=1ms", "tinyllm.cache.caches.flaky.stale-if-error=1h")
                .run(context -> {
                    Service service = context.getBean(Service.class);
                    Recorder recorder = context.getBean(Recorder.class);
                    assertThat(service.flaky("good")).isEqualTo("good");
                    Awaitility.await().until(() -> {
                        assertThat(service.flaky("bad")).isEqualTo("good");
                        return recorder.ended.contains("tinyllm.cache.load flaky failure true");
                    });
                });
    }

    /** A timer of Micrometer's beside the exact one would clash with it in Prometheus. */
    @Test
    void observationsOfLoadsMakeNoSecondTimerOfTheirName() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        TinyLlmCacheAutoConfiguration.class,
                        TinyLlmCacheMetricsAutoConfiguration.class,
                        MetricsAutoConfiguration.class,
                        CompositeMeterRegistryAutoConfiguration.class,
                        CacheMetricsAutoConfiguration.class))
                .withBean(PrometheusMeterRegistry.class, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
                .withBean(Measured.class)
                .withUserConfiguration(Traced.class)
                .withPropertyValues("tinyllm.cache.caches.plain.time-to-live=1m")
                .run(context -> {
                    context.getBean(Service.class).plain("secret");
                    assertThat(context.getBean(PrometheusMeterRegistry.class)
                                    .find("tinyllm.cache.load")
                                    .meters())
                            .isNotEmpty()
                            .allSatisfy(meter -> assertThat(meter).isInstanceOf(FunctionTimer.class));
                    assertThat(context.getBean(Recorder.class).ended).hasSize(1);
                });
    }

    @Test
    void operationsOfTheSharedTierAreObserved() {
        ObservationRegistry registry = ObservationRegistry.create();
        Recorder recorder = new Recorder();
        registry.observationConfig().observationHandler(recorder);
        InMemoryRemoteTier tier = new InMemoryRemoteTier(System::nanoTime, Outcome.REMOTE_HIT);
        AtomicInteger errors = new AtomicInteger();
        CacheObservations observations = new CacheObservations(() -> registry, false, false, errors::incrementAndGet);
        TieredCache cache = TieredCache.named("shared")
                .remote(observations.remote("shared", tier))
                .build();
        cache.put("key", 1);
        cache.get("key");
        cache.evict("key");
        cache.clear();
        cache.get("key");
        tier.failWith(new IllegalStateException("lost"));
        cache.get("key");
        assertThat(recorder.ended)
                .containsExactly(
                        "tinyllm.cache.redis shared put done",
                        "tinyllm.cache.redis shared get hit",
                        "tinyllm.cache.redis shared remove done",
                        "tinyllm.cache.redis shared clear done",
                        "tinyllm.cache.redis shared get miss",
                        "tinyllm.cache.redis shared get failure");
        assertThat(recorder.errors).containsExactly("lost");
        assertThat(recorder.tags).doesNotContain("key");
        assertThat(errors).hasValue(0);
    }

    @Configuration(proxyBeanMethods = false)
    static class Traced {

        @Bean
        Recorder recorder() {
            return new Recorder();
        }

        @Bean
        ObservationRegistry observationRegistry(List<ObservationHandler<?>> handlers) {
            ObservationRegistry registry = ObservationRegistry.create();
            handlers.forEach(registry.observationConfig()::observationHandler);
            return registry;
        }

        @Bean
        Service service(ObservationRegistry registry) {
            return new Service(registry);
        }
    }

    /** Times observations as Spring Boot does. */
    static class Measured extends DefaultMeterObservationHandler {

        Measured(MeterRegistry registry) {
            super(registry);
        }
    }

    static class Recorder implements ObservationHandler<Observation.Context> {

        final List<String> ended = new CopyOnWriteArrayList<>();
        final List<String> errors = new CopyOnWriteArrayList<>();
        final List<String> tags = new CopyOnWriteArrayList<>();

        @Override
        public void onError(Observation.Context context) {
            errors.add(String.valueOf(context.getError().getMessage()));
        }

        @Override
        public void onStop(Observation.Context context) {
            ended.add(Stream.concat(
                            Stream.of(context.getName()),
                            Stream.of("cache", "operation", "outcome", "stale")
                                    .map(context::getLowCardinalityKeyValue)
                                    .filter(Objects::nonNull)
                                    .map(KeyValue::getValue))
                    .collect(Collectors.joining(" ")));
            context.getLowCardinalityKeyValues().stream()
                    .map(KeyValue::getValue)
                    .forEach(tags::add);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    static class Broken implements ObservationHandler<Observation.Context> {

        @Override
        public void onStart(Observation.Context context) {
            throw new IllegalStateException("no tracer");
        }

        @Override
        public void onStop(Observation.Context context) {
            throw new IllegalStateException("no tracer");
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    static class Service {

        private final ObservationRegistry registry;

        Service(ObservationRegistry registry) {
            this.registry = registry;
        }

        /** What is going on, as a span that the method starts would see its parent. */
        private String current() {
            Observation current = registry.getCurrentObservation();
            return current == null
                    ? "none"
                    : String.valueOf(current.getContext().getName());
        }

        @Cacheable("plain")
        public String plain(String key) {
            return current();
        }

        @Cacheable(cacheNames = "sync", sync = true)
        public String synchronizedOn(String key) {
            return current();
        }

        @Cacheable("future")
        public CompletableFuture<String> future(String key) {
            return CompletableFuture.completedFuture(current());
        }

        @Cacheable("mono")
        public Mono<String> mono(String key) {
            return Mono.just("value");
        }

        @Cacheable("flux")
        public Flux<String> flux(String key) {
            return Flux.just("a", "b");
        }

        @Cacheable(cacheNames = "flaky", key = "'key'")
        public String flaky(String answer) {
            if (answer.equals("bad")) {
                throw new IllegalStateException("down");
            }
            return answer;
        }

        @Cacheable(cacheNames = "failing", key = "'key'")
        public String failing(String key) {
            if (key == null) {
                return null;
            }
            throw new IllegalStateException("down");
        }
    }
}
