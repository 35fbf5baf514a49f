package io.tinyllm.cache.actuate;

import io.tinyllm.cache.CacheTags;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/** The endpoint {@code cachetags}: evicts what bears a tag. */
@WebEndpoint(id = "cachetags", defaultAccess = Access.READ_ONLY)
public final class CacheTagsEndpoint {

    private final CacheTags tags;
    private final Supplier<Collection<String>> names;

    /**
     * Creates the endpoint.
     * @param tags evicts
     * @param names the names of the caches
     */
    public CacheTagsEndpoint(CacheTags tags, Supplier<Collection<String>> names) {
        this.tags = tags;
        this.names = names;
    }

    /**
     * Evicts what bears a tag.
     * @param tag the tag
     * @param cache the only cache to evict from, null for all of them
     */
    @DeleteOperation
    public WebEndpointResponse<?> evict(@Nullable String tag, @Nullable String cache) {
        Collection<String> known = new TreeSet<>(names.get());
        if (cache != null && !known.contains(cache)) {
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
        }
        try {
            if (cache == null) {
                tags.evict(tag == null ? "" : tag);
            } else {
                tags.evict(cache, tag == null ? "" : tag);
            }
        } catch (IllegalArgumentException e) {
            return new WebEndpointResponse<>(
                    Map.of("error", String.valueOf(e.getMessage())), WebEndpointResponse.STATUS_BAD_REQUEST);
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("tag", tag);
        told.put("caches", cache == null ? known : List.of(cache));
        return new WebEndpointResponse<>(told);
    }
}
