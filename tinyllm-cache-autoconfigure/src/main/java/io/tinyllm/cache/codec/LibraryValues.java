package io.tinyllm.cache.codec;

import java.util.List;
import java.util.Set;

/**
 * The value classes of libraries that may be read back in every application: Spring, Spring Data, Spring Security,
 * Spring AI, Jackson and Kotlin. Names only, so that none of the libraries has to be there. Documented in {@code
 * docs/values.md}.
 */
final class LibraryValues {

    private static final Set<String> CLASSES = Set.of(
            // Spring Data
            "org.springframework.data.domain.PageImpl",
            "org.springframework.data.domain.SliceImpl",
            "org.springframework.data.domain.PageRequest",
            "org.springframework.data.domain.Unpaged",
            "org.springframework.data.domain.Sort",
            "org.springframework.data.domain.Sort$Order",
            "org.springframework.data.domain.Sort$Direction",
            "org.springframework.data.domain.Sort$NullHandling",
            "org.springframework.data.domain.Range",
            "org.springframework.data.domain.Range$Bound",
            "org.springframework.data.domain.Limit$Limited",
            "org.springframework.data.domain.Limit$Unlimited",
            "org.springframework.data.domain.OffsetScrollPosition",
            "org.springframework.data.domain.KeysetScrollPosition",
            "org.springframework.data.domain.ScrollPosition$Direction",
            "org.springframework.data.geo.Point",
            "org.springframework.data.geo.Box",
            "org.springframework.data.geo.Circle",
            "org.springframework.data.geo.Polygon",
            "org.springframework.data.geo.Distance",
            "org.springframework.data.geo.Metrics",
            "org.springframework.data.geo.GeoPage",
            "org.springframework.data.geo.GeoResult",
            "org.springframework.data.geo.GeoResults",
            "org.springframework.data.history.Revision",
            "org.springframework.data.history.Revisions",
            // Spring Framework
            "org.springframework.http.HttpEntity",
            "org.springframework.http.ResponseEntity",
            "org.springframework.http.HttpHeaders",
            "org.springframework.http.ReadOnlyHttpHeaders",
            "org.springframework.http.HttpMethod",
            "org.springframework.http.HttpStatus",
            "org.springframework.http.HttpStatus$Series",
            "org.springframework.http.DefaultHttpStatusCode",
            "org.springframework.http.MediaType",
            "org.springframework.http.ContentDisposition",
            "org.springframework.http.ETag",
            "org.springframework.http.ProblemDetail",
            "org.springframework.http.ResponseCookie",
            "org.springframework.util.MimeType",
            "org.springframework.util.LinkedCaseInsensitiveMap",
            "org.springframework.util.LinkedMultiValueMap",
            "org.springframework.util.MultiValueMapAdapter",
            "org.springframework.util.UnmodifiableMultiValueMap",
            "org.springframework.util.unit.DataSize",
            "org.springframework.cache.interceptor.SimpleKey",
            // Spring Security
            "org.springframework.security.core.userdetails.User",
            "org.springframework.security.core.userdetails.User$AuthorityComparator",
            "org.springframework.security.core.authority.SimpleGrantedAuthority",
            "org.springframework.security.core.authority.FactorGrantedAuthority",
            "org.springframework.security.oauth2.core.OAuth2AccessToken",
            "org.springframework.security.oauth2.core.OAuth2AccessToken$TokenType",
            "org.springframework.security.oauth2.core.OAuth2RefreshToken",
            "org.springframework.security.oauth2.jwt.Jwt",
            // Spring AI
            "org.springframework.ai.content.Media",
            "org.springframework.ai.content.MediaContent",
            "org.springframework.ai.document.Document",
            "org.springframework.ai.document.DocumentMetadata",
            "org.springframework.ai.embedding.Embedding",
            "org.springframework.ai.embedding.EmbeddingResponse",
            "org.springframework.ai.embedding.EmbeddingResponseMetadata",
            "org.springframework.ai.embedding.EmbeddingResultMetadata",
            "org.springframework.ai.embedding.EmbeddingResultMetadata$ModalityType",
            "org.springframework.ai.chat.model.ChatResponse",
            "org.springframework.ai.chat.model.Generation",
            "org.springframework.ai.chat.messages.AssistantMessage",
            "org.springframework.ai.chat.messages.AssistantMessage$ToolCall",
            "org.springframework.ai.chat.messages.SystemMessage",
            "org.springframework.ai.chat.messages.UserMessage",
            "org.springframework.ai.chat.messages.ToolResponseMessage",
            "org.springframework.ai.chat.messages.ToolResponseMessage$ToolResponse",
            "org.springframework.ai.chat.messages.MessageType",
            "org.springframework.ai.chat.metadata.ChatResponseMetadata",
            "org.springframework.ai.chat.metadata.ChatGenerationMetadata",
            "org.springframework.ai.chat.metadata.DefaultChatGenerationMetadata",
            "org.springframework.ai.chat.metadata.DefaultUsage",
            "org.springframework.ai.chat.metadata.EmptyUsage",
            "org.springframework.ai.chat.metadata.EmptyRateLimit",
            "org.springframework.ai.chat.metadata.PromptMetadata",
            "org.springframework.ai.chat.metadata.PromptMetadata$DefaultPromptFilterMetadata",
            // Kotlin
            "kotlin.Pair",
            "kotlin.Triple",
            "kotlin.Unit",
            "kotlin.UByte",
            "kotlin.UShort",
            "kotlin.UInt",
            "kotlin.ULong",
            "kotlin.collections.EmptyList",
            "kotlin.collections.EmptySet",
            "kotlin.collections.EmptyMap",
            "kotlin.collections.builders.ListBuilder",
            "kotlin.collections.builders.SetBuilder",
            "kotlin.collections.builders.MapBuilder",
            "kotlin.ranges.IntRange",
            "kotlin.ranges.LongRange",
            "kotlin.ranges.CharRange",
            "kotlin.time.Duration",
            "kotlin.time.Instant",
            "kotlin.uuid.Uuid");

    /** Packages of values only, each with the dot that ends it; subpackages are not among them. */
    private static final List<String> PACKAGES =
            List.of("tools.jackson.databind.node.", "com.fasterxml.jackson.databind.node.");

    private LibraryValues() {}

    /** Returns whether a class is one of them, by its binary name. */
    static boolean contains(String name) {
        if (CLASSES.contains(name)) {
            return true;
        }
        for (String prefix : PACKAGES) {
            if (name.startsWith(prefix) && name.indexOf('.', prefix.length()) < 0) {
                return true;
            }
        }
        return false;
    }
}
