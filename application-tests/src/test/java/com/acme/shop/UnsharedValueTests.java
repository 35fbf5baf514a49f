package com.acme.shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.client.RestTemplate;

/** What has no stored form stays in the memory of each instance, is told, and is changed on all of them. */
@ExtendWith(OutputCaptureExtension.class)
class UnsharedValueTests {

    /** Holds a lock, which has no form outside the heap. */
    public static final class Report {
        private final String text;
        private final ReentrantLock lock = new ReentrantLock();

        Report(String text) {
            this.text = text;
        }

        String text() {
            lock.lock();
            try {
                return text;
            } finally {
                lock.unlock();
            }
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Reports.class)
    static class App {}

    static class Reports {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        @Cacheable("reports")
        public Report report(String name) {
            return new Report("v" + calls.incrementAndGet());
        }

        @CacheEvict("reports")
        public void change(String name) {}

        @CachePut("reports")
        public Report replace(String name) {
            return new Report("replaced");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tracking", "pub-sub"})
    void anEvictOnOneInstanceReachesTheOther(String invalidation) {
        changesReachTheOther(invalidation, Reports::change);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tracking", "pub-sub"})
    void aPutOnOneInstanceReachesTheOther(String invalidation) {
        changesReachTheOther(invalidation, Reports::replace);
    }

    private static void changesReachTheOther(String invalidation, BiConsumer<Reports, String> change) {
        String[] properties = {Apps.ownKeys(), "tinyllm.cache.defaults.redis.invalidation=" + invalidation};
        try (ConfigurableApplicationContext first = Apps.shared(App.class, properties);
                ConfigurableApplicationContext second = Apps.shared(App.class, properties)) {
            Reports one = first.getBean(Reports.class);
            Reports two = second.getBean(Reports.class);
            for (String name : List.of("a", "b")) {
                String held = one.report(name).text();
                if (name.equals("b")) {
                    two.report(name); // both hold it
                }
                assertThat(one.report(name).text()).isEqualTo(held);

                change.accept(two, name);

                Awaitility.await()
                        .atMost(Apps.PATIENCE)
                        .untilAsserted(() -> assertThat(one.report(name).text()).isNotEqualTo(held));
            }
        }
    }

    @Test
    void theOneThatPutsItKeepsIt() {
        String keys = Apps.ownKeys();
        try (ConfigurableApplicationContext first = Apps.shared(App.class, keys)) {
            Reports one = first.getBean(Reports.class);
            for (int i = 0; i < 20; i++) {
                one.replace("r" + i);
            }
            // Whatever Redis has told of it by now: an answer to this came over the same connection.
            first.getBean(CacheManager.class).getCache("texts").put("k", "v");
            for (int i = 0; i < 20; i++) {
                assertThat(one.report("r" + i).text()).isEqualTo("replaced");
            }
            assertThat(one.calls()).hasValue(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tracking", "pub-sub"})
    void theResultOfALoadInvalidatesNothingOnTheOtherInstance(String invalidation) {
        String[] properties = {Apps.ownKeys(), "tinyllm.cache.defaults.redis.invalidation=" + invalidation};
        try (ConfigurableApplicationContext first = Apps.shared(App.class, properties);
                ConfigurableApplicationContext second = Apps.shared(App.class, properties)) {
            Reports one = first.getBean(Reports.class);
            Reports two = second.getBean(Reports.class);
            for (int i = 0; i < 20; i++) {
                one.report("r" + i);
                two.report("r" + i);
            }
            // News come in order: what is told of this key is told after all of the others.
            one.report("last");
            two.change("last");
            Awaitility.await().atMost(Apps.PATIENCE).until(() -> {
                one.report("last");
                return one.calls().get() > 21;
            });
            int calls = one.calls().get();
            for (int i = 0; i < 20; i++) {
                one.report("r" + i);
            }
            assertThat(one.calls()).hasValue(calls);
        }
    }

    /** A key with a part that cannot be written. */
    record Key(Runnable part) {}

    @Test
    void itIsCountedAndNamed(CapturedOutput output) {
        try (ConfigurableApplicationContext one = Apps.web(App.class, Apps.ownKeys())) {
            one.getBean(Reports.class).report("first");
            one.getBean(Reports.class).report("second");
            one.getBean(CacheManager.class).getCache("texts").put(new Key(() -> {}), "value");

            Map<String, Object> row = notShared(one, "reports").get(0);
            assertThat(row).containsEntry("type", Report.class.getName()).containsEntry("count", 2);
            assertThat((String) row.get("reason")).contains("lock").contains("ReentrantLock");
            assertThat(notShared(one, "texts").get(0))
                    .containsEntry("type", Key.class.getName())
                    .containsEntry("count", 1);
            one.getBean(CacheManager.class).getCache("shared").put("key", "value");
            assertThat(notShared(one, "shared")).isEmpty();

            MeterRegistry meters = one.getBean(MeterRegistry.class);
            assertThat(meters.get("tinyllm.cache.not.shared").tag("cache", "reports").functionCounters().stream()
                            .mapToDouble(counter -> counter.count())
                            .sum())
                    .isEqualTo(2);
            assertThat(output.toString().split("WARN", -1))
                    .filteredOn(line -> line.contains(Report.class.getName()))
                    .singleElement()
                    .asString()
                    .contains("ReentrantLock", "'reports'", "StoredForm", "memory");
        }
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> notShared(ConfigurableApplicationContext app, String cache) {
        String port = app.getEnvironment().getProperty("local.server.port");
        Map<String, Object> body = new RestTemplate()
                .getForObject("http://localhost:" + port + "/actuator/cacheanalytics/" + cache, Map.class);
        return (List<Map<String, Object>>) body.get("notShared");
    }
}
