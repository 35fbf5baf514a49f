package io.tinyllm.sample;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
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
            ChatResponse response = ask(() -> client.prompt(message).call().chatResponse());
            return withStatus(response).body(new Answer(text(response)));
        };
    }

    /** Answers word by word, with the same header, for which it waits for the first word. */
    @PostMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    Callable<ResponseEntity<Flux<String>>> stream(@RequestBody Question question) {
        String message = question.checked();
        return () -> {
            Flux<ChatResponse> pieces =
                    client.prompt(message).stream().chatResponse().cache();
            ChatResponse first = ask(pieces::blockFirst);
            return withStatus(first).body(pieces.map(ChatController::text).filter(text -> !text.isEmpty()));
        };
    }

    private static ResponseEntity.BodyBuilder withStatus(@Nullable ChatResponse response) {
        String status = response == null ? null : response.getMetadata().get("cache-status");
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        return status == null ? answer : answer.header("Cache-Status", status);
    }

    private static String text(@Nullable ChatResponse response) {
        String text = response == null || response.getResult() == null
                ? null
                : response.getResult().getOutput().getText();
        return text == null ? "" : text;
    }

    private static @Nullable ChatResponse ask(Supplier<@Nullable ChatResponse> question) {
        try {
            return question.get();
        } catch (NonTransientAiException | TransientAiException | RestClientException e) {
            throw new ModelUnavailableException("The model server gave no usable answer", e);
        }
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
    record Answer(String answer) {}
}
