package io.tinyllm.cache.actuate.dashboard;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.http.HttpHeaders;
import org.springframework.security.web.server.csrf.CsrfToken;
import org.springframework.util.ClassUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Headers of the answers of the dashboard in a reactive application, where an endpoint does not see the answer.
 * Thread-safe.
 */
public final class ReactiveDashboardHeaders implements WebFilter {

    private static final boolean SECURITY = ClassUtils.isPresent(
            "org.springframework.security.web.server.csrf.CsrfToken", ReactiveDashboardHeaders.class.getClassLoader());

    private final Supplier<PathMappedEndpoints> endpoints;
    private volatile @Nullable String path;

    /**
     * Creates it.
     * @param endpoints the endpoints that are exposed, and where
     */
    public ReactiveDashboardHeaders(Supplier<PathMappedEndpoints> endpoints) {
        this.endpoints = endpoints;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String asked = exchange.getRequest().getPath().pathWithinApplication().value();
        String own = path();
        if (!asked.startsWith(own) || (asked.length() > own.length() && asked.charAt(own.length()) != '/')) {
            return chain.filter(exchange);
        }
        HttpHeaders headers = exchange.getResponse().getHeaders();
        DashboardHeaders.HEADERS.forEach(headers::set);
        if (SECURITY && asked.equals(own + "/" + CacheDashboardEndpoint.TOKEN)) {
            headers.set("Cache-Control", "no-store");
            return Csrf.write(exchange, headers).then(chain.filter(exchange));
        }
        return chain.filter(exchange);
    }

    private String path() {
        String known = path;
        if (known == null) {
            String found = endpoints.get().getPath(EndpointId.of(CacheDashboardEndpoint.ID));
            known = found == null ? "/" + CacheDashboardEndpoint.ID : found;
            path = known;
        }
        return known;
    }

    /** Spring Security is there. */
    private static final class Csrf {

        static Mono<Void> write(ServerWebExchange exchange, HttpHeaders headers) {
            return exchange.getAttribute(CsrfToken.class.getName()) instanceof Mono<?> token
                    ? token.ofType(CsrfToken.class)
                            .doOnNext(found -> {
                                headers.set(DashboardHeaders.TOKEN_HEADER, found.getHeaderName());
                                headers.set(DashboardHeaders.TOKEN_VALUE, found.getToken());
                            })
                            .then()
                    : Mono.empty();
        }
    }
}
