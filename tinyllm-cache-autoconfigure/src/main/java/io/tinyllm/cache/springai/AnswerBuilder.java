package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.NotStored;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.StoredAnswer.Call;
import io.tinyllm.cache.llm.StoredAnswer.Piece;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.messages.AbstractMessage;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.util.StringUtils;

/**
 * Makes of what a model says the answer that is stored, or finds what speaks against storing it. Confined to one thread
 * at a time; its last word is {@link #finish}.
 */
final class AnswerBuilder {

    private final AnswerPolicy policy;
    private final boolean json;
    private final List<String> tags;
    private final List<Piece> pieces = new ArrayList<>();
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private List<ChatResponse> responses = new ArrayList<>();
    private @Nullable NotStored objection;
    private String id = "";
    private String model = "";
    private long size;
    private @Nullable Tokens tokens;
    private long tookNanos = -1;

    /**
     * Begins an answer.
     * @param policy what its cache keeps
     * @param json whether it is to be JSON
     * @param tags the tags that it is to bear
     */
    AnswerBuilder(AnswerPolicy policy, boolean json, List<String> tags) {
        this.tags = tags;
        this.policy = policy;
        this.json = json;
    }

    /** Adds a piece. */
    void add(ChatResponse response) {
        Tokens said = tokens(response);
        tokens = said == null ? tokens : said.after(tokens);
        if (isTooLarge()) {
            return;
        }
        responses.add(response);
        Piece piece = piece(response);
        if (piece != null) {
            pieces.add(piece);
        }
        if (size > policy.maximumSize()) {
            object(NotStored.SIZE);
            pieces.clear();
            responses = List.of();
        }
    }

    /**
     * How long the answer took: what is said first, which is later the time that is stored and the time that is spent.
     */
    long took(long nanos) {
        if (tookNanos < 0 || isTooLarge()) {
            tookNanos = nanos;
        }
        return tookNanos;
    }

    /** The tokens of the answer so far, null where the model does not say. */
    @Nullable
    Tokens tokens() {
        return tokens;
    }

    /** Returns whether more was said than the cache keeps. Nothing of it is held then. */
    boolean isTooLarge() {
        return objection == NotStored.SIZE;
    }

    /**
     * The answer: a {@link StoredAnswer}, or an {@link UnstoredAnswer}.
     * @param createdMicros the time, in microseconds since 1970
     * @param nanos how long it took
     * @param timeToLiveSeconds how long the request wants it kept, null where it does not say
     * @param request digests of the request
     */
    Object finish(long createdMicros, long nanos, @Nullable Long timeToLiveSeconds, String request) {
        took(nanos);
        if (!tags.isEmpty()) {
            metadata.put(AnswerTags.TAGS, List.copyOf(tags));
        }
        StoredAnswer answer = new StoredAnswer(
                id,
                model,
                metadata,
                pieces,
                createdMicros,
                tookNanos,
                timeToLiveSeconds == null ? -1 : timeToLiveSeconds,
                request);
        NotStored reason = objection != null ? objection : objection(answer.joined());
        return reason == null ? answer : new UnstoredAnswer(reason, List.copyOf(responses), tokens, tookNanos);
    }

    private @Nullable NotStored objection(Piece whole) {
        // Ollama ends a stream that is whole by saying so.
        if (Boolean.FALSE.equals(metadata.get("done")) && !policy.storeIncomplete()) {
            return NotStored.TRUNCATED;
        }
        boolean hasText = StringUtils.hasText(whole.text());
        boolean calls = !whole.calls().isEmpty();
        if (!hasText && !calls) {
            return NotStored.EMPTY;
        }
        if (calls && !policy.storeToolCalls()) {
            return NotStored.TOOL_CALLS;
        }
        return json && !calls && !AskedFormat.isJson(whole.text()) ? NotStored.NOT_JSON : null;
    }

    /** The first objection counts, but for the size, after which there is nothing left to store. */
    private void object(@Nullable NotStored reason) {
        if (reason == NotStored.SIZE || objection == null) {
            objection = reason;
        }
    }

    private @Nullable Piece piece(ChatResponse response) {
        describe(response.getMetadata());
        Tokens soFar = tokens(response);
        List<Generation> results = response.getResults();
        if (results.isEmpty()) {
            return new Piece(false, null, Map.of(), List.of(), null, Map.of(), soFar);
        }
        if (results.size() > 1) {
            object(NotStored.GENERATIONS);
            results.forEach(this::weigh);
            return null;
        }
        weigh(results.get(0));
        AssistantMessage message = results.get(0).getOutput();
        if (message.getClass() != AssistantMessage.class) {
            object(NotStored.CONTENT);
            return null;
        }
        if (!message.getMedia().isEmpty()) {
            object(NotStored.MEDIA);
        }
        ChatGenerationMetadata generation = results.get(0).getMetadata();
        if (!policy.storeIncomplete()) {
            object(NotStored.because(generation.getFinishReason()));
            boolean refused = message.getMetadata().get("refusal") instanceof String text && !text.isBlank();
            if (refused || !generation.getContentFilters().isEmpty()) {
                object(NotStored.FILTERED);
            }
        }
        Map<String, Object> properties = properties(message.getMetadata());
        List<Call> calls = new ArrayList<>();
        for (AssistantMessage.ToolCall call : message.getToolCalls()) {
            calls.add(new Call(call.id(), call.type(), call.name(), call.arguments()));
        }
        return new Piece(
                true,
                message.getText(),
                properties,
                calls,
                generation.getFinishReason(),
                properties(entries(generation)),
                soFar);
    }

    private void weigh(Generation generation) {
        AssistantMessage message = generation.getOutput();
        size += 1 + (message.getText() == null ? 0 : message.getText().length());
        for (AssistantMessage.ToolCall call : message.getToolCalls()) {
            size += call.arguments().length();
        }
        for (Object value : message.getMetadata().values()) {
            size += value instanceof String text ? text.length() : 0;
        }
    }

    private static Map<String, Object> entries(ChatGenerationMetadata generation) {
        Map<String, Object> entries = new LinkedHashMap<>();
        generation.entrySet().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        return entries;
    }

    private Map<String, Object> properties(Map<String, Object> properties) {
        Map<String, Object> plain = new LinkedHashMap<>();
        properties.forEach((name, value) -> {
            if (value == null || name.equals(AbstractMessage.MESSAGE_TYPE)) {
                return;
            }
            Object stored = PlainValues.of(value);
            if (stored == null) {
                object(NotStored.CONTENT);
            } else {
                plain.put(name, stored);
            }
        });
        return plain;
    }

    /**
     * Handles of a provider's library are left out; lists of its objects, such as citations, are part of the answer.
     */
    private void describe(ChatResponseMetadata said) {
        id = StringUtils.hasText(said.getId()) ? said.getId() : id;
        model = StringUtils.hasText(said.getModel()) ? said.getModel() : model;
        for (Map.Entry<String, Object> entry : said.entrySet()) {
            Object stored = PlainValues.of(entry.getValue());
            if (stored != null) {
                metadata.put(entry.getKey(), stored);
            } else if (entry.getValue() instanceof Collection<?>) {
                object(NotStored.CONTENT);
            }
        }
    }

    /** The tokens that a response speaks of, null for none. */
    static @Nullable Tokens tokens(ChatResponse response) {
        Usage usage = response.getMetadata().getUsage();
        if (usage == null) {
            return null;
        }
        int input = number(usage.getPromptTokens());
        int output = number(usage.getCompletionTokens());
        int total = number(usage.getTotalTokens());
        boolean none = input == 0 && output == 0 && total == 0;
        return none
                ? null
                : new Tokens(input, output, total, usage.getCacheReadInputTokens(), usage.getCacheWriteInputTokens());
    }

    private static int number(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
