package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.SessionResolver;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whose requests follow each other in an application on the Servlet API. */
class ServletSessionTests {

    @Test
    void requestsOfOneSessionOrOneUserFollowEachOther() throws Exception {
        try (var app = Apps.start(WebApplicationType.SERVLET, App.class, Apps.PLAIN)) {
            assertThat(Apps.get(app, "/session").body()).isEqualTo("none");
            HttpResponse<String> login = Apps.get(app, "/login");
            String cookie =
                    login.headers().firstValue("Set-Cookie").orElseThrow().split(";")[0];
            assertThat(Apps.send(app, "/session", "GET", "Cookie", cookie).body())
                    .isEqualTo(login.body());
            assertThat(Apps.send(app, "/session", "GET", "Cookie", cookie).body())
                    .isEqualTo(login.body());
            assertThat(Apps.get(app, "/session").headers().firstValue("Set-Cookie"))
                    .isEmpty();
            assertThat(Apps.send(app, "/session", "GET", "X-User", "kim").body())
                    .as("the user who has logged in, without a session")
                    .isEqualTo("kim");
            assertThat(Apps.send(app, "/session", "GET", "X-User", "kim", "Cookie", cookie)
                            .body())
                    .as("a session says more than its user")
                    .isEqualTo(login.body());
            assertThat(app.getBean(SessionResolver.class).currentSession())
                    .as("outside of a request")
                    .isNull();
        }
    }

    @Test
    void anApplicationThatSaysItItselfIsAskedAlone() throws Exception {
        try (var app = Apps.start(WebApplicationType.SERVLET, AppWithResolver.class, Apps.PLAIN)) {
            assertThat(Apps.get(app, "/session").body()).isEqualTo("conversation");
        }
    }

    @Test
    void aRedisTemplateOfTheApplicationLivesBesideTheCaches() {
        try (var app = Apps.start(
                WebApplicationType.SERVLET,
                App.class,
                Apps.PLAIN,
                "spring.data.redis.port=" + Apps.redis(),
                "tinyllm.cache.redis.key-prefix=beside:",
                "tinyllm.cache.defaults.redis.enabled=true",
                "tinyllm.cache.defaults.redis.timeout=5s")) {
            StringRedisTemplate redis = app.getBean(StringRedisTemplate.class);
            redis.opsForValue().set("orders", "of the application");
            var cache =
                    app.getBean(org.springframework.cache.CacheManager.class).getCache("orders");
            cache.put("a", "cached");
            cache.clear();
            assertThat(cache.get("a")).isNull();
            assertThat(redis.opsForValue().get("orders")).isEqualTo("of the application");
            redis.delete("orders");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Controller.class)
    static class App {

        /** Stands for what authenticates. */
        @Bean
        Filter users() {
            return (request, response, chain) -> {
                HttpServletRequest http = (HttpServletRequest) request;
                String user = http.getHeader("X-User");
                chain.doFilter(user == null ? request : new OfUser(http, user), response);
            };
        }
    }

    private static final class OfUser extends HttpServletRequestWrapper {

        private final String user;

        OfUser(HttpServletRequest request, String user) {
            super(request);
            this.user = user;
        }

        @Override
        public Principal getUserPrincipal() {
            return () -> user;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(App.class)
    static class AppWithResolver {

        @Bean
        SessionResolver conversations() {
            return () -> "conversation";
        }
    }

    @RestController
    static class Controller {

        private final SessionResolver resolver;

        Controller(SessionResolver resolver) {
            this.resolver = resolver;
        }

        @GetMapping("/login")
        String login(HttpServletRequest request) {
            return request.getSession().getId();
        }

        @GetMapping("/session")
        String session() {
            return String.valueOf(Objects.requireNonNullElse(resolver.currentSession(), "none"));
        }
    }
}
