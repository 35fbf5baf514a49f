package io.tinyllm.cache.actuate.dashboard;

import java.util.Map;

/**
 * Writes headers to the answer under way, where the web stack lets an endpoint do that; {@link
 * ReactiveDashboardHeaders} does it from outside. Thread-safe.
 */
public interface DashboardHeaders {

    /** The policy of what a browser may load for the page, as far as the page itself can say it. */
    String POLICY_OF_PAGE =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
                    + " base-uri 'none'; form-action 'none'";

    /** The headers of every answer of the dashboard. */
    Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", POLICY_OF_PAGE + "; frame-ancestors 'none'",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cache-Control", "no-cache");

    /** The name of the header that an action has to send, in the answer for a token. */
    String TOKEN_HEADER = "X-Dashboard-Token-Header";

    /** The value of that header. */
    String TOKEN_VALUE = "X-Dashboard-Token";

    /** Adds the headers that keep the page to itself. */
    void secure();

    /** Adds the token that an action has to send, where the application asks for one. */
    void token();

    /** Headers that are written by somebody else. */
    static DashboardHeaders elsewhere() {
        return new DashboardHeaders() {
            @Override
            public void secure() {
                // the filter does it
            }

            @Override
            public void token() {
                // the filter does it
            }
        };
    }
}
