package io.tinyllm.sample;

import io.tinyllm.cache.TagResolver;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tags each completion with the model that said it, so that all of one model can be evicted at once.
 */
@Component
class ModelTags implements TagResolver {

    /** The tag of what a model said. */
    static String of(String model) {
        return "model:" + model;
    }

    /** The key is that of Spring's default, {@code SimpleKey [model,prompt]}; names of models have no comma. */
    @Override
    public Collection<String> tags(String cacheName, Object key, @Nullable Object value) {
        if (!cacheName.equals("completions")) {
            return List.of();
        }
        String text = key.toString();
        return List.of(of(text.substring(text.indexOf('[') + 1, text.indexOf(','))));
    }
}
