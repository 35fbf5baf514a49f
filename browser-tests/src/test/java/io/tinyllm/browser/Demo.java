package io.tinyllm.browser;

import io.tinyllm.browser.DemoApplication.OrderStore;
import io.tinyllm.browser.DemoApplication.Shop;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The application of the tests, running. */
final class Demo implements AutoCloseable {

    private static final List<String> SETTINGS = List.of(
            "server.port=0",
            "spring.main.banner-mode=off",
            "management.endpoints.web.exposure.include=*",
            "management.endpoint.health.show-details=always",
            "management.health.redis.enabled=false",
            "spring.autoconfigure.exclude=org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration",
            "tinyllm.cache.analytics.show-keys=plain",
            "tinyllm.cache.caches.answers.memory.maximum-size=400",
            "tinyllm.cache.caches.answers.memory.partitions.enabled=true",
            "tinyllm.cache.caches.answers.size-tuner.enabled=true",
            "tinyllm.cache.caches.answers.size-tuner.mode=observe",
            "tinyllm.cache.caches.answers.size-tuner.minimum=100",
            "tinyllm.cache.caches.answers.size-tuner.maximum=4000",
            "tinyllm.cache.caches.answers.ttl-optimizer.enabled=true",
            "tinyllm.cache.caches.answers.time-to-live=2h",
            "tinyllm.cache.caches.answers.prefetch.enabled=true",
            "tinyllm.cache.caches.answers.snapshot.enabled=true",
            "tinyllm.cache.snapshots.on-startup=false",
            "tinyllm.cache.snapshots.on-shutdown=false",
            "tinyllm.cache.caches.prices.negative.enabled=true",
            "tinyllm.cache.caches.prices.time-to-live=2s",
            "tinyllm.cache.caches.prices.bypass.key-patterns=live-*",
            "tinyllm.cache.caches.orders.write.policy=write-back",
            "tinyllm.cache.caches.orders.write.flush-interval=100ms",
            "tinyllm.cache.caches.orders.write.maximum-attempts=2");

    /** Lets the page change what it can. */
    static final String[] UNRESTRICTED = {
        "management.endpoint.cachetuning.access=unrestricted", "management.endpoint.cachesnapshots.access=unrestricted"
    };

    private final HttpClient http = HttpClient.newHttpClient();
    private final ConfigurableApplicationContext context;

    Demo(String... settings) {
        this(DemoApplication.class, settings);
    }

    Demo(Class<?> application, String... settings) {
        List<String> all = new ArrayList<>(SETTINGS);
        Path directory = directory();
        all.add("tinyllm.cache.snapshots.directory=" + directory.resolve("snapshots"));
        all.add("tinyllm.cache.journal.directory=" + directory.resolve("journal"));
        all.addAll(List.of(settings));
        context = new SpringApplicationBuilder(application)
                .properties(all.toArray(String[]::new))
                .run();
    }

    private static Path directory() {
        try {
            return Files.createTempDirectory(Files.createDirectories(Path.of("target", "demo")), "run");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    Shop shop() {
        return context.getBean(Shop.class);
    }

    OrderStore store() {
        return context.getBean(OrderStore.class);
    }

    /** Some traffic, always the same: popular prompts, articles that go, an order that the store refuses. */
    void traffic(int requests) {
        Random random = new Random(7);
        for (int i = 0; i < requests; i++) {
            int prompt = (int) (1200 * Math.pow(random.nextDouble(), 3));
            shop().answer("prompt " + prompt);
            shop().answer("prompt " + prompt);
            try {
                shop().price(random.nextInt(20) == 0 ? "gone-" + random.nextInt(3) : "article-" + random.nextInt(50));
                shop().price("live-1");
            } catch (IllegalStateException e) {
                // remembered
            }
            if (i % 4 == 0) {
                shop().order("order-" + i, "a book");
            }
        }
        shop().order("poison-1", "a book");
    }

    String address() {
        return "http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port");
    }

    String page() {
        return address() + "/actuator/cachedashboard";
    }

    /** What an endpoint answers. */
    JsonNode ask(String path) {
        try {
            return JsonMapper.shared()
                    .readTree(http.send(
                                    HttpRequest.newBuilder(URI.create(address() + "/actuator/" + path))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
