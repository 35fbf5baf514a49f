package io.tinyllm.sample;

import io.tinyllm.cache.CacheTags;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.stereotype.Service;

/**
 * Completions of prompts, cached by model and prompt with Spring's own annotations.
 */
@Service
public class CompletionService {

    private final OllamaClient ollama;
    private final CacheTags tags;

    CompletionService(OllamaClient ollama, CacheTags tags) {
        this.ollama = ollama;
        this.tags = tags;
    }

    /**
     * The model's continuation of the prompt.
     *
     * @throws UnknownModelException if the model server knows no such model
     * @throws ModelUnavailableException if the model server gives no usable answer
     */
    @Cacheable("completions")
    public String complete(String model, String prompt) {
        return ollama.generate(model, prompt);
    }

    /** Forgets the completion, so that the next call asks the model again. */
    @CacheEvict("completions")
    public void forget(String model, String prompt) {
        // the annotation does the work
    }

    /** Forgets everything that a model said, here and on every other instance, whatever it was asked. */
    public void forgetModel(String model) {
        tags.evict("completions", ModelTags.of(model));
    }
}
