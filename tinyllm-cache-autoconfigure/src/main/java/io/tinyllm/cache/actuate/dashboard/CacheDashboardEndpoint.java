package io.tinyllm.cache.actuate.dashboard;

import io.tinyllm.cache.analytics.keys.KeyNames;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.util.MimeType;

/**
 * The endpoint {@code cachedashboard}: a page for people. It holds no figures itself; a browser asks the other
 * endpoints for them, with the rights of its reader. Thread-safe.
 */
@WebEndpoint(id = CacheDashboardEndpoint.ID, defaultAccess = Access.READ_ONLY)
public final class CacheDashboardEndpoint {

    /** The id of the endpoint. */
    public static final String ID = "cachedashboard";

    /** Where a token for an action is asked for, beside the other files of the page. */
    static final String TOKEN = "token";

    private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

    private final DashboardPage page;
    private final Supplier<PathMappedEndpoints> endpoints;
    private final DashboardHeaders headers;

    /**
     * Creates the endpoint.
     * @param endpoints the endpoints that are exposed, and where
     * @param keyNames how keys are shown
     * @param headers writes the headers of an answer
     */
    public CacheDashboardEndpoint(
            Supplier<PathMappedEndpoints> endpoints, KeyNames keyNames, DashboardHeaders headers) {
        this.page = new DashboardPage(keyNames);
        this.endpoints = endpoints;
        this.headers = headers;
    }

    /** Returns the page. */
    @ReadOperation(produces = "text/html;charset=UTF-8")
    public WebEndpointResponse<byte[]> page() {
        headers.secure();
        return new WebEndpointResponse<>(page.html(endpoints.get()), HTML);
    }

    /**
     * Returns a file of the page, 404 for an unknown one. The name {@code token} answers nothing but headers: where the
     * application guards against forged requests, the name and the value of the header that an action has to send.
     * @param file its name
     */
    @ReadOperation(produces = {"text/css", "text/javascript", "image/svg+xml", "text/plain"})
    public WebEndpointResponse<byte[]> file(@Selector String file) {
        headers.secure();
        if (TOKEN.equals(file)) {
            headers.token();
            return new WebEndpointResponse<>(new byte[0], new MimeType("text", "plain"));
        }
        DashboardPage.Asset asset = DashboardPage.asset(file);
        return asset == null
                ? new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND)
                : new WebEndpointResponse<>(asset.content(), asset.type());
    }
}
