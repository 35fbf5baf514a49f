package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.ledger.Difference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Thrown where no answer to a request is stored, and no model may be asked. It says in which fields the nearest stored
 * request differs, and never what is in them. Immutable.
 */
public final class AnswerNotCachedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final List<String> differing;

    private AnswerNotCachedException(String cacheName, String why, List<String> differing) {
        super("Cache '" + cacheName + "' has no answer to this request, and the model is not to be asked" + why);
        this.differing = List.copyOf(differing);
    }

    static AnswerNotCachedException of(String cacheName, @Nullable Difference nearest) {
        if (nearest == null) {
            return new AnswerNotCachedException(cacheName, ". No answer is known to be stored", List.of());
        }
        if (nearest.fields().isEmpty()) {
            return new AnswerNotCachedException(
                    cacheName, ". One to the same request was stored, and is not held any more", List.of());
        }
        return new AnswerNotCachedException(
                cacheName, ". The nearest stored request differs in: " + nearest.inWords(), nearest.names());
    }

    static AnswerNotCachedException uncacheable(String cacheName, String why) {
        return new AnswerNotCachedException(
                cacheName, ". Requests like this one are not cached (" + why + ")", List.of());
    }

    static AnswerNotCachedException contradiction(String cacheName) {
        return new AnswerNotCachedException(cacheName, ", though no-cache wants no stored answer", List.of());
    }

    /**
     * The fields in which the nearest stored request differs: {@code model}, {@code options}, {@code system}, {@code
     * tools}, {@code format}, {@code history}, {@code user}, {@code media}, {@code tenant}. Empty where none is known.
     */
    public List<String> differing() {
        return differing;
    }
}
