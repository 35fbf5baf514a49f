package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.StoredAnswer.Piece;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.metadata.EmptyUsage;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.model.MessageAggregator;
import reactor.core.publisher.Flux;

/**
 * Makes responses of Spring AI from stored answers, and tells in them how the cache has handled the request. Stateless.
 */
final class Responses {

    static final String STATUS = "cache-status";
    static final String KEY = "cache-key";

    private Responses() {}

    /**
     * A whole stored answer.
     * @param recorded whether it says what it has cost
     */
    static ChatResponse whole(StoredAnswer answer, boolean recorded, String status, @Nullable String key) {
        return response(answer, answer.joined(), true, recorded, status, key);
    }

    /** A stored answer in its pieces; the last says how the cache has handled the request. */
    static Flux<ChatResponse> pieces(StoredAnswer answer, boolean recorded, String status, @Nullable String key) {
        int last = answer.pieces().size() - 1;
        return Flux.range(0, answer.pieces().size()).map(i -> {
            Piece piece = answer.pieces().get(i);
            return i < last
                    ? response(answer, piece, false, recorded, null, null)
                    : response(answer, piece, true, recorded, status, key);
        });
    }

    private static ChatResponse response(
            StoredAnswer answer,
            Piece piece,
            boolean last,
            boolean recorded,
            @Nullable String status,
            @Nullable String key) {
        ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder()
                .id(answer.id())
                .model(answer.model())
                .usage(recorded ? usage(piece.tokens()) : new EmptyUsage());
        if (last) {
            answer.metadata().forEach((name, said) -> {
                if (!name.equals(AnswerTags.TAGS)) {
                    metadata.keyValue(name, said);
                }
            });
            metadata.keyValue(STATUS, status).keyValue(KEY, key);
        }
        return new ChatResponse(piece.generated() ? List.of(generation(piece)) : List.of(), metadata.build());
    }

    private static Generation generation(Piece piece) {
        List<AssistantMessage.ToolCall> calls = new ArrayList<>();
        for (StoredAnswer.Call call : piece.calls()) {
            calls.add(toolCall(call));
        }
        AssistantMessage message = AssistantMessage.builder()
                .content(piece.text())
                .properties(piece.properties())
                .toolCalls(calls)
                .build();
        boolean said = piece.finishReason() != null || !piece.generation().isEmpty();
        return new Generation(
                message,
                said
                        ? ChatGenerationMetadata.builder()
                                .finishReason(piece.finishReason())
                                .metadata(new HashMap<>(piece.generation()))
                                .build()
                        : ChatGenerationMetadata.NULL);
    }

    @SuppressWarnings("NullAway") // Ollama gives calls without ids, which Spring AI does not say
    private static AssistantMessage.ToolCall toolCall(StoredAnswer.Call call) {
        return new AssistantMessage.ToolCall(call.id(), call.type(), call.name(), call.arguments());
    }

    private static Usage usage(@Nullable Tokens tokens) {
        return tokens == null
                ? new EmptyUsage()
                : new DefaultUsage(
                        tokens.input(),
                        tokens.output(),
                        tokens.total(),
                        null,
                        tokens.cacheRead(),
                        tokens.cacheWritten());
    }

    /** A response of a model that also says how the cache has handled the request. */
    static ChatResponse told(ChatResponse response, String status, @Nullable String key) {
        ChatResponse.Builder told = ChatResponse.builder().from(response).metadata(STATUS, status);
        if (key != null) {
            told.metadata(KEY, key);
        }
        return told.build();
    }

    /** A response that costs its receiver nothing. */
    static ChatResponse free(ChatResponse response) {
        ChatResponseMetadata said = response.getMetadata();
        ChatResponseMetadata.Builder metadata = ChatResponseMetadata.builder()
                .id(said.getId())
                .model(said.getModel())
                .rateLimit(said.getRateLimit())
                .promptMetadata(said.getPromptMetadata())
                .usage(new EmptyUsage());
        for (Map.Entry<String, Object> entry : said.entrySet()) {
            metadata.keyValue(entry.getKey(), entry.getValue());
        }
        return new ChatResponse(response.getResults(), metadata.build());
    }

    /** The pieces of one answer as a whole. */
    static ChatResponse joined(List<ChatResponse> responses) {
        if (responses.size() == 1) {
            return responses.get(0);
        }
        AtomicReference<ChatResponse> whole = new AtomicReference<>(new ChatResponse(List.of()));
        // Ends before it returns: the pieces are there.
        var unused = new MessageAggregator()
                .aggregate(Flux.fromIterable(responses), whole::set)
                .subscribe();
        return Objects.requireNonNull(whole.get());
    }

    /** A response as its caller gets it. */
    static ChatClientResponse toClient(ChatClientRequest request, ChatResponse response) {
        return new ChatClientResponse(response, new HashMap<>(request.context()));
    }

    /** Returns whether a piece may be the last of a stream, as far as can be seen. */
    static boolean mayBeLast(ChatClientResponse piece) {
        ChatResponse response = piece.chatResponse();
        Generation generation = response == null ? null : response.getResult();
        return generation == null || generation.getMetadata().getFinishReason() != null;
    }
}
