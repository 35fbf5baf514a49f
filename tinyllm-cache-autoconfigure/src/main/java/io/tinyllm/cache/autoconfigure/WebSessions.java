package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.SessionResolver;
import io.tinyllm.cache.prefetch.Sessions;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpCookie;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Whose accesses follow each other in web applications that do not say it: those of an HTTP session, else of a user who
 * has logged in, else of a thread. Makes no session, and loads none.
 */
final class WebSessions {

    private WebSessions() {}

    /** On the Servlet API: of the request that the calling thread serves. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.SERVLET)
    @ConditionalOnClass({RequestContextHolder.class, HttpServletRequest.class})
    @ConditionalOnMissingBean(SessionResolver.class)
    static class ServletConfiguration {

        @Bean
        SessionResolver tinyLlmCacheServletSessions() {
            return ServletConfiguration::session;
        }

        private static @Nullable Object session() {
            if (!(RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)) {
                return null;
            }
            HttpServletRequest request = attributes.getRequest();
            HttpSession session = request.getSession(false);
            if (session != null) {
                return session.getId();
            }
            Principal user = request.getUserPrincipal();
            return user == null ? null : user.getName();
        }
    }

    /** With WebFlux: of the chain that subscribes to what a cached method returns. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnWebApplication(type = Type.REACTIVE)
    @ConditionalOnClass({WebFilter.class, Mono.class})
    @ConditionalOnMissingBean(SessionResolver.class)
    static class ReactiveConfiguration {

        @Bean
        SessionResolver tinyLlmCacheReactiveSessions() {
            return Sessions::ofChain;
        }

        @Bean
        WebFilter tinyLlmCacheSessionFilter(@Value("${server.reactive.session.cookie.name:SESSION}") String cookie) {
            return new SessionFilter(cookie);
        }
    }

    /** Puts the session of a request into the context of what handles it; behind what authenticates. */
    private record SessionFilter(String cookie) implements WebFilter, Ordered {

        private static final String NOBODY = "";

        @Override
        public int getOrder() {
            return Ordered.LOWEST_PRECEDENCE;
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
            HttpCookie session = exchange.getRequest().getCookies().getFirst(cookie);
            if (session != null) {
                return filter(exchange, chain, session.getValue());
            }
            return exchange.getPrincipal()
                    .map(Principal::getName)
                    .defaultIfEmpty(NOBODY)
                    .flatMap(user -> filter(exchange, chain, user));
        }

        private static Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain, String session) {
            Mono<Void> handled = chain.filter(exchange);
            return session.equals(NOBODY)
                    ? handled
                    : handled.contextWrite(context -> context.put(SessionResolver.class, session));
        }
    }
}
