package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.Selection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which options of a model count: all but those that say how a request travels, and those that a cache ignores. */
record CountedOptions(Set<String> ignored) implements Selection {

    /** How a request travels, which no model sees. */
    static final Set<String> TRANSPORT = Set.of(
            "apiKey", "credential", "proxy", "timeout", "maxRetries", "streamOptions", "keepAlive", "toolContext");

    /** A field of its own. */
    private static final String MODEL = "model";

    /** Counted by the definitions of the tools. */
    static final String TOOLS = "toolCallbacks";

    /** Of these the ones that authenticate are transport; others switch features of a provider on. */
    static final Set<String> HEADERS = Set.of("customHeaders", "httpHeaders");

    private static final Set<String> SECRETS = Set.of(
            "authorization",
            "proxy-authorization",
            "api-key",
            "apikey",
            "x-api-key",
            "x-goog-api-key",
            "x-auth-token",
            "x-amz-security-token",
            "ocp-apim-subscription-key",
            "cookie");

    @Override
    public boolean counts(String property) {
        return !TRANSPORT.contains(property)
                && !property.equals(TOOLS)
                && !property.equals(MODEL)
                && (ignored.isEmpty() || !ignored.contains(AnswerPolicy.plain(property)));
    }

    @Override
    public Object counted(String property, Object value) {
        if (!HEADERS.contains(property) || !(value instanceof Map<?, ?> headers)) {
            return value;
        }
        Map<Object, Object> counted = new HashMap<>(headers);
        counted.keySet().removeIf(name -> SECRETS.contains(String.valueOf(name).toLowerCase(Locale.ROOT)));
        return counted;
    }
}
