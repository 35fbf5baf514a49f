package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.SessionResolver;
import java.util.Objects;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A reactive web application: its first request, its endpoints, whose requests follow each other. */
@Timeout(120)
class WebFluxTests {

    @Test
    void theFirstRequestReadsWhatAnotherInstanceHasLoadedAndTheEndpointsAnswer() throws Exception {
        String[] shared = {
            Apps.PLAIN,
            "spring.data.redis.port=" + Apps.redis(),
            "tinyllm.cache.redis.key-prefix=" + UUID.randomUUID() + ":",
            "tinyllm.cache.defaults.redis.enabled=true",
            "tinyllm.cache.defaults.redis.timeout=5s"
        };
        try (var one = Apps.start(WebApplicationType.REACTIVE, App.class, shared);
                var other = Apps.start(WebApplicationType.REACTIVE, App.class, shared)) {
            assertThat(Apps.get(one, "/mono/a").body()).isEqualTo("a 1");
            assertThat(Apps.get(one, "/flux/a").body()).isEqualTo("a 2more");
            // A load sends without waiting; a put goes the same way behind it, and waits.
            one.getBean(org.springframework.cache.CacheManager.class)
                    .getCache("afterwards")
                    .put("sent", "before this");
            assertThat(Apps.get(other, "/mono/a").body()).isEqualTo("a 1");
            assertThat(Apps.get(other, "/flux/a").body()).isEqualTo("a 2more");
            assertThat(Apps.get(other, "/actuator/cacheanalytics/monos").body())
                    .contains("\"requests\":1", "\"hits\":1", "\"loads\":0");
            assertThat(Apps.get(other, "/actuator/health").body()).contains("tinyllmCache");
            assertThat(Apps.get(other, "/actuator/caches").body()).contains("monos", "fluxes");
        }
    }

    @Test
    void requestsOfOneSessionOrOneUserFollowEachOther() throws Exception {
        try (var app = Apps.start(WebApplicationType.REACTIVE, App.class, Apps.PLAIN)) {
            Queue<String> sessions = app.getBean(Seen.class).sessions;
            Apps.send(app, "/mono/a", "GET", "Cookie", "SESSION=first");
            Apps.send(app, "/mono/b", "GET", "Cookie", "SESSION=first");
            Apps.send(app, "/mono/c", "GET", "Cookie", "SESSION=second");
            Apps.send(app, "/flux/d", "GET", "X-User", "kim");
            Apps.get(app, "/mono/e");
            assertThat(sessions).containsExactly("first", "first", "second", "kim", "none");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({Service.class, Controller.class, Seen.class})
    static class App {

        /** Stands for what authenticates. */
        @Bean
        WebFilter users() {
            return (exchange, chain) -> {
                String user = exchange.getRequest().getHeaders().getFirst("X-User");
                return chain.filter(
                        user == null
                                ? exchange
                                : exchange.mutate()
                                        .principal(Mono.just(() -> user))
                                        .build());
            };
        }
    }

    /** A rule is asked where the cache is, and so sees the session that the cache sees. */
    static class Seen implements BypassRule {

        private final Queue<String> sessions = new ConcurrentLinkedQueue<>();
        private final SessionResolver resolver;

        Seen(SessionResolver resolver) {
            this.resolver = resolver;
        }

        @Override
        public boolean bypass(String cacheName, Object key, Object value) {
            if (value == null) {
                sessions.add(String.valueOf(Objects.requireNonNullElse(resolver.currentSession(), "none")));
            }
            return false;
        }
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("monos")
        public Mono<String> mono(String key) {
            return Mono.fromSupplier(() -> key + " " + calls.incrementAndGet());
        }

        @Cacheable("fluxes")
        public Flux<String> flux(String key) {
            return Flux.defer(() -> Flux.just(key + " " + calls.incrementAndGet(), "more"));
        }
    }

    @RestController
    static class Controller {

        private final Service service;

        Controller(Service service) {
            this.service = service;
        }

        @GetMapping("/mono/{key}")
        Mono<String> mono(@PathVariable String key) {
            return service.mono(key);
        }

        @GetMapping("/flux/{key}")
        Mono<String> flux(@PathVariable String key) {
            return service.flux(key).collectList().map(all -> String.join("", all));
        }
    }
}
