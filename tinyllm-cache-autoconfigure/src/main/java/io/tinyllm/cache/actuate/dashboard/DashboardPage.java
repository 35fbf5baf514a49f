package io.tinyllm.cache.actuate.dashboard;

import io.tinyllm.cache.analytics.keys.KeyNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.ExposableEndpoint;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoint;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;
import org.springframework.util.StringUtils;
import org.springframework.web.util.HtmlUtils;

/**
 * The files of the page, and the page itself with what it has to know: where the other endpoints are, seen from the
 * page, which of them may change something, and how keys are shown. All addresses are relative, so that a proxy may put
 * the application anywhere.
 */
final class DashboardPage {

    private static final MimeType CSS = new MimeType("text", "css", StandardCharsets.UTF_8);
    private static final MimeType SCRIPT = new MimeType("text", "javascript", StandardCharsets.UTF_8);
    private static final MimeType SVG = MimeTypeUtils.parseMimeType("image/svg+xml");

    private static final Map<String, Asset> ASSETS = assets();

    private static final List<String> ENDPOINTS =
            List.of("cacheanalytics", "cachetuning", "cachesnapshots", "cachetags", "health");

    private final String template = new String(read("dashboard.html"), StandardCharsets.UTF_8);
    private final KeyNames keyNames;

    DashboardPage(KeyNames keyNames) {
        this.keyNames = keyNames;
    }

    private static Map<String, Asset> assets() {
        Map<String, Asset> assets = new LinkedHashMap<>();
        assets.put("dashboard.css", new Asset(read("dashboard.css"), CSS));
        for (String script : List.of("dashboard.js", "overview.js", "detail.js", "charts.js", "dom.js", "source.js")) {
            assets.put(script, new Asset(read(script), SCRIPT));
        }
        assets.put("icon.svg", new Asset(read("icon.svg"), SVG));
        return assets;
    }

    /** Returns a file of the page, null for an unknown name. */
    static @Nullable Asset asset(String name) {
        return ASSETS.get(name);
    }

    /** Returns the page. */
    byte[] html(PathMappedEndpoints endpoints) {
        String own = endpoints.getRootPath(EndpointId.of(CacheDashboardEndpoint.ID));
        String path = own == null ? CacheDashboardEndpoint.ID : own;
        String up = "../".repeat(StringUtils.countOccurrencesOf(path, "/"));
        StringBuilder metas = new StringBuilder();
        for (String id : ENDPOINTS) {
            PathMappedEndpoint endpoint = endpoints.getEndpoint(EndpointId.of(id));
            if (endpoint != null) {
                metas.append("<meta name=\"endpoint\" content=\"")
                        .append(id)
                        .append("\" data-path=\"")
                        .append(HtmlUtils.htmlEscape(up + endpoint.getRootPath()))
                        .append("\" data-writes=\"")
                        .append(writes(endpoint))
                        .append("\">\n");
            }
        }
        metas.append("<meta name=\"keys\" content=\"").append(keys()).append("\">");
        return template.replace("<!-- endpoints -->", metas)
                .replace("{files}", HtmlUtils.htmlEscape(path.substring(path.lastIndexOf('/') + 1)))
                .replace("{policy}", DashboardHeaders.POLICY_OF_PAGE)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static boolean writes(PathMappedEndpoint endpoint) {
        return endpoint instanceof ExposableEndpoint<?> exposed
                && exposed.getOperations().stream().anyMatch(operation -> operation.getType() == OperationType.WRITE);
    }

    private String keys() {
        return keyNames.isPlain() ? "plain" : keyNames.isShown() ? "hashed" : "never";
    }

    private static byte[] read(String name) {
        try (InputStream in = DashboardPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The file " + name + " of the dashboard is not in the jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file. */
    record Asset(byte[] content, MimeType type) {}
}
