package io.tinyllm.sample;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.retry.NonTransientAiException;
import org.springframework.ai.retry.TransientAiException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;
import reactor.core.publisher.Flux;

/**
 * A chat with the model through Spring AI. Nothing here says that answers are cached: the client that Spring Boot
 * injects does that, where {@code tinyllm.cache.llm.cache} names a cache.
 */
@RestController
@RequestMapping("/chat")
class ChatController {

    private final ChatClient client;

    ChatController(ChatClient.Builder client) {
        this.client = client.build();
    }

    /**
     * Answers in one piece, and says in the header {@code Cache-Status} (RFC 9211) where the answer comes from. A
     * {@link Callable} for the same reason as in {@link CompletionController}.
     */
    @PostMapping(produces = MediaType.APPLICATION_JSON_VALUE)
    Callable<ResponseEntity<Answer>> chat(@RequestBody Question question) {
        String message = question.checked();
        return () -> {
            ChatResponse response = ask(message);
            String text = response == null || response.getResult() == null
                    ? ""
                    : response.getResult().getOutput().getText();
            String status = response == null ? null : response.getMetadata().get("cache-status");
            ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
            if (status != null) {
                answer.header("Cache-Status", status);
            }
            return answer.body(new Answer(text));
        };
    }

    private @Nullable ChatResponse ask(String message) {
        try {
            return client.prompt(message).call().chatResponse();
        } catch (NonTransientAiException | TransientAiException | RestClientException e) {
            throw new ModelUnavailableException("The model server gave no usable answer", e);
        }
    }

    /** Answers word by word. */
    @PostMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Flux<String> stream(@RequestBody Question question) {
        return client.prompt(question.checked()).stream().content();
    }

    record Question(@Nullable String message) {

        String checked() {
            if (message == null || message.isBlank()) {
                throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "The message must not be blank");
            }
            if (message.length() > CompletionController.MAXIMUM_PROMPT_LENGTH) {
                throw new ResponseStatusException(
                        HttpStatus.BAD_REQUEST,
                        "The message must not be longer than " + CompletionController.MAXIMUM_PROMPT_LENGTH
                                + " characters");
            }
            return message;
        }
    }

    /** The answer to one question. */
    record Answer(@Nullable String answer) {}
}
