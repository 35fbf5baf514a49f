package io.tinyllm.sample;

import jakarta.servlet.http.HttpServletRequest;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The gateway's HTTP interface.
 */
@RestController
@RequestMapping("/completions")
class CompletionController {

    static final int MAXIMUM_PROMPT_LENGTH = 2000;

    private static final Pattern MODEL_NAME = Pattern.compile("[\\w./:-]{1,100}");

    private final CompletionService completions;
    private final Conversations conversations;

    CompletionController(CompletionService completions, Conversations conversations) {
        this.completions = completions;
        this.conversations = conversations;
    }

    /**
     * Completes the prompt. A {@link Callable} waits on a thread of the task executor: the embedded model is served by
     * this very web server, and callers who wait for it must not hold the threads it needs to answer them. Prompts of
     * one client follow each other; a client with several conversations tells them apart by a header.
     */
    @GetMapping
    Callable<Completion> complete(
            @RequestParam String model,
            @RequestParam String prompt,
            @RequestHeader(name = "X-Conversation", required = false) @Nullable String conversation,
            HttpServletRequest request) {
        check(model, prompt);
        long start = System.nanoTime();
        return conversations.in(conversation == null ? request.getRemoteAddr() : conversation, () -> {
            String completion = completions.complete(model, prompt);
            return new Completion(model, prompt, completion, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        });
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void forget(@RequestParam String model, @RequestParam String prompt) {
        check(model, prompt);
        completions.forget(model, prompt);
    }

    /** Forgets everything that a model said. Its name may contain slashes. */
    @DeleteMapping("/models/{*model}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void forgetModel(@PathVariable String model) {
        String name = model.substring(1);
        check(name);
        completions.forgetModel(name);
    }

    private static void check(String model) {
        if (!MODEL_NAME.matcher(model).matches()) {
            throw badRequest("The model is a name of at most 100 letters, digits and any of _ . / : -");
        }
    }

    private static void check(String model, String prompt) {
        check(model);
        if (prompt.isBlank()) {
            throw badRequest("The prompt must not be blank");
        }
        if (prompt.length() > MAXIMUM_PROMPT_LENGTH) {
            throw badRequest("The prompt must not be longer than " + MAXIMUM_PROMPT_LENGTH + " characters");
        }
    }

    private static ResponseStatusException badRequest(String reason) {
        return new ResponseStatusException(HttpStatus.BAD_REQUEST, reason);
    }

    /**
     * The answer to one request; {@code tookMillis} is the time of this request, not of the call that filled the cache.
     */
    record Completion(String model, String prompt, String completion, long tookMillis) {}
}
