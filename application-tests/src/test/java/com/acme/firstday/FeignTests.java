package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cloud.openfeign.EnableFeignClients;
import org.springframework.cloud.openfeign.FeignClient;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;

/** Clients of Spring Cloud OpenFeign, whose handler asks the caches' interceptor once more inside of the bean's. */
@Timeout(120)
class FeignTests {

    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void serve() throws Exception {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/prices/", exchange -> {
            byte[] body = (exchange.getRequestURI().getPath() + " " + requests.incrementAndGet())
                    .getBytes(StandardCharsets.UTF_8);
            java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void aCachedClientWorksAndAsksItsServerOnce() throws Exception {
        try (var app = Apps.start(
                App.class,
                Apps.PLAIN,
                "tinyllm.cache.caches.prices.negative.enabled=true",
                "prices.url=http://127.0.0.1:" + server.getAddress().getPort())) {
            Prices prices = app.getBean(Prices.class);
            Set<String> answers = ConcurrentHashMap.newKeySet();
            Thread[] callers = IntStream.range(0, 8)
                    .mapToObj(i -> new Thread(() -> answers.add(prices.price("a"))))
                    .toArray(Thread[]::new);
            for (Thread caller : callers) {
                caller.start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(answers).containsExactly("/prices/a 1");
            assertThat(prices.price("a")).isEqualTo("/prices/a 1");
            assertThat(prices.price("b")).isEqualTo("/prices/b 2");
            assertThat(requests).hasValue(2);
            app.getBean(CacheManager.class).getCache("prices").evict("a");
            assertThat(prices.price("a")).isEqualTo("/prices/a 3");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableFeignClients(clients = Prices.class)
    static class App {}

    @FeignClient(name = "prices", url = "${prices.url}")
    public interface Prices {

        @Cacheable("prices")
        @GetMapping("/prices/{id}")
        String price(@PathVariable("id") String id);
    }
}
