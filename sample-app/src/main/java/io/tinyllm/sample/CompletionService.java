package io.tinyllm.sample;

import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.stereotype.Service;

/**
 * Completions of prompts, cached by model and prompt with Spring's own annotations.
 */
@Service
public class CompletionService {

    private final OllamaClient ollama;

    CompletionService(OllamaClient ollama) {
        this.ollama = ollama;
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
}
