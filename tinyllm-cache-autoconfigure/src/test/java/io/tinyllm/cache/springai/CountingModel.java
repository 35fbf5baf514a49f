package io.tinyllm.cache.springai;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.DefaultUsage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;

/** A model that answers at once and counts the tokens that it has given out. Thread-safe. */
final class CountingModel implements ChatModel {

    private static final String NAME = "stub-large";

    final AtomicLong calls = new AtomicLong();
    final AtomicLong input = new AtomicLong();
    final AtomicLong cached = new AtomicLong();
    final AtomicLong output = new AtomicLong();

    /** A question reads so many tokens, a part of them of the provider's cache, and so many are written. */
    static long input(String question) {
        return 100 + question.length();
    }

    static long cached(String question) {
        return question.length();
    }

    static long output(String question) {
        return 7 + question.length() % 3;
    }

    @Override
    public ChatResponse call(Prompt prompt) {
        return last(prompt.getUserMessage().getText(), "an answer");
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        String question = prompt.getUserMessage().getText();
        return Flux.defer(() -> Flux.concat(
                Flux.just(StubModel.piece("an "), StubModel.piece("answer")),
                Flux.defer(() -> Flux.just(last(question, "")))));
    }

    private ChatResponse last(String question, String text) {
        calls.incrementAndGet();
        DefaultUsage usage = new DefaultUsage(
                (int) add(input, input(question)),
                (int) add(output, output(question)),
                null,
                null,
                add(cached, cached(question)),
                null);
        return new ChatResponse(
                List.of(new Generation(
                        new AssistantMessage(text),
                        ChatGenerationMetadata.builder().finishReason("stop").build())),
                ChatResponseMetadata.builder().model(NAME).usage(usage).build());
    }

    private static long add(AtomicLong sum, long tokens) {
        sum.addAndGet(tokens);
        return tokens;
    }

    @Override
    public ChatOptions getOptions() {
        return ChatOptions.builder().model(NAME).build();
    }
}
