package com.acme.boot40;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import redis.embedded.RedisServer;

/** The starter in an application of Spring Boot 4.0, whose Redis client is Lettuce 6. */
class Boot40Tests {

    private static int port;
    private static RedisServer redis;

    @BeforeAll
    static void startRedis() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        redis = RedisServer.newRedisServer().port(port).setting("save \"\"").build();
        redis.start();
    }

    @AfterAll
    static void stopRedis() throws Exception {
        redis.stop();
    }

    @Test
    void isSpringBoot40() {
        assertThat(SpringBootVersion.getVersion()).startsWith("4.0.");
    }

    @Test
    void cachesInMemory() {
        try (var app = start(WebApplicationType.NONE)) {
            Books books = app.getBean(Books.class);
            Book first = books.book("a");
            assertThat(books.book("a")).isSameAs(first);
            books.forget("a");
            assertThat(books.book("a")).isNotEqualTo(first);
        }
    }

    @Test
    void sharesThroughRedisAndHearsOfChanges() throws Exception {
        String[] shared = {"tinyllm.cache.caches.books.redis.enabled=true", "tinyllm.cache.defaults.redis.timeout=5s"};
        try (var one = start(WebApplicationType.NONE, shared);
                var two = start(WebApplicationType.NONE, shared)) {
            Books first = one.getBean(Books.class);
            Books second = two.getBean(Books.class);
            Book book = first.book("shared");
            // A load sends without waiting; a put goes the same way behind it, and waits.
            one.getBean(CacheManager.class).getCache("books").put("afterwards", book);
            assertThat(second.book("shared")).isEqualTo(book);
            first.forget(book.title());
            await().until(() -> !second.book(book.title()).equals(book));
        }
    }

    @Test
    void isWarmAfterARestart(@TempDir Path directory) {
        String[] saved = {
            "tinyllm.cache.caches.books.snapshot.enabled=true", "tinyllm.cache.snapshots.directory=" + directory
        };
        Book before;
        try (var app = start(WebApplicationType.NONE, saved)) {
            before = app.getBean(Books.class).book("a");
        }
        try (var app = start(WebApplicationType.NONE, saved)) {
            assertThat(app.getBean(Books.class).book("a")).isEqualTo(before);
        }
    }

    @Test
    void endpointsHealthAndMetersAnswer() throws Exception {
        try (var app = start(
                WebApplicationType.SERVLET,
                "tinyllm.cache.caches.books.redis.enabled=true",
                "management.endpoints.web.exposure.include=*",
                "management.endpoint.health.show-details=always")) {
            app.getBean(Books.class).book("a");
            String base = "http://localhost:" + app.getEnvironment().getProperty("local.server.port") + "/actuator/";
            assertThat(get(base + "cacheanalytics/books")).contains("\"loads\":1");
            assertThat(get(base + "cachetuning")).contains("books");
            assertThat(get(base + "cachesnapshots")).contains("snapshots");
            assertThat(get(base + "health")).contains("tinyllmCache").contains("primary");
            assertThat(get(base + "metrics/cache.gets")).contains("books");
        }
    }

    private static String get(String url) throws Exception {
        var answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(url).isEqualTo(200);
        return answer.body();
    }

    private static ConfigurableApplicationContext start(WebApplicationType type, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--spring.data.redis.port=" + port,
                "--logging.level.root=WARN",
                "--logging.level.io.tinyllm=INFO"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        return new SpringApplicationBuilder(App.class).web(type).run(arguments.toArray(String[]::new));
    }

    record Book(String title, int edition) {}

    static class Books {

        static final AtomicInteger EDITIONS = new AtomicInteger();

        @Cacheable("books")
        public Book book(String title) {
            return new Book(title, EDITIONS.incrementAndGet());
        }

        @CacheEvict("books")
        public void forget(String title) {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Books.class)
    static class App {}
}
