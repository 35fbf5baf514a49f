package io.tinyllm.cache.springai;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.llm.StoredAnswer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tags an answer as its request wanted. Thread-safe. */
public final class AnswerTags implements TagResolver {

    /** The parameter of a request, and what the tags are kept under with the answer. */
    static final String TAGS = "tinyllm.cache.tags";

    private static final int LONGEST = 256;

    /** Creates the resolver. */
    public AnswerTags() {}

    @Override
    public Collection<String> tags(String cacheName, Object key, @Nullable Object value) {
        return value instanceof StoredAnswer answer && answer.metadata().get(TAGS) instanceof Collection<?> tags
                ? tags.stream().map(String::valueOf).toList()
                : List.of();
    }

    /**
     * Returns the tags that a request asks for.
     * @param context its parameters
     * @throws IllegalArgumentException if there is something else than tags
     */
    static List<String> of(Map<String, ?> context) {
        Object value = context.get(TAGS);
        if (value == null) {
            return List.of();
        }
        List<String> tags = new ArrayList<>();
        for (Object tag : value instanceof Collection<?> several ? several : List.of(value)) {
            if (!(tag instanceof CharSequence text) || text.isEmpty() || text.length() > LONGEST) {
                throw new IllegalArgumentException("The parameter " + TAGS
                        + " takes a tag, or a collection of tags, of 1 to " + LONGEST + " characters each");
            }
            tags.add(text.toString());
        }
        return tags;
    }
}
