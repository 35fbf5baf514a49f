package io.tinyllm.cache.springai;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Tells in the last piece of a stream how the cache has handled the request. Only a piece that may be the last waits
 * for what comes after it; where a stream ends with another one, a piece without text follows. Confined to one
 * subscription.
 */
final class LastPiece {

    private @Nullable ChatClientResponse held;

    private LastPiece() {}

    /**
     * A stream that tells.
     * @param pieces the stream
     * @param status asked for when the stream has ended; must not fail
     * @param key the key of the answer, null where there is none
     * @param request the request
     */
    static Flux<ChatClientResponse> told(
            Flux<ChatClientResponse> pieces,
            Supplier<? extends CompletableFuture<String>> status,
            @Nullable String key,
            ChatClientRequest request) {
        return Flux.defer(() -> {
            LastPiece last = new LastPiece();
            return pieces.concatMapIterable(last::pass)
                    .concatWith(Mono.defer(() -> Mono.fromFuture(status.get(), true))
                            .map(told -> last.told(told, key, request)));
        });
    }

    private List<ChatClientResponse> pass(ChatClientResponse piece) {
        List<ChatClientResponse> passed = new ArrayList<>(2);
        if (held != null) {
            passed.add(held);
            held = null;
        }
        if (Responses.mayBeLast(piece)) {
            held = piece;
        } else {
            passed.add(piece);
        }
        return passed;
    }

    private ChatClientResponse told(String status, @Nullable String key, ChatClientRequest request) {
        ChatClientResponse last = held;
        ChatResponse response = last == null ? null : last.chatResponse();
        if (last == null || response == null) {
            Generation nothing = new Generation(new AssistantMessage(""));
            ChatResponse trailer = new ChatResponse(List.of(nothing));
            return Responses.toClient(request, Responses.told(trailer, status, key));
        }
        return new ChatClientResponse(Responses.told(response, status, key), last.context());
    }
}
