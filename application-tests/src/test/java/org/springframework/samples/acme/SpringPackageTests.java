package org.springframework.samples.acme;

import static org.assertj.core.api.Assertions.assertThat;

import com.acme.shop.Apps;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Applications live below {@code org.springframework}, too: Spring's samples do. */
class SpringPackageTests {

    public record Vet(String name) {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Vets.class)
    static class App {}

    static class Vets {
        private final AtomicInteger calls = new AtomicInteger();

        public AtomicInteger calls() {
            return calls;
        }

        @Cacheable("vets")
        public List<Vet> vets() {
            return List.of(new Vet("v" + calls.incrementAndGet()));
        }
    }

    @Test
    void theSnapshotIsRestored(@TempDir Path directory) {
        for (boolean applicationTypes : new boolean[] {true, false}) {
            String[] properties = {
                "tinyllm.cache.caches.vets.snapshot.enabled=true",
                "tinyllm.cache.redis.application-types=" + applicationTypes,
                "tinyllm.cache.snapshots.directory=" + directory.resolve("" + applicationTypes)
            };
            try (ConfigurableApplicationContext before = Apps.start(App.class, properties)) {
                assertThat(before.getBean(Vets.class).vets()).containsExactly(new Vet("v1"));
            }
            try (ConfigurableApplicationContext after = Apps.start(App.class, properties)) {
                assertThat(after.getBean(Vets.class).vets()).containsExactly(new Vet("v1"));
                assertThat(after.getBean(Vets.class).calls()).hasValue(0);
            }
        }
    }
}
