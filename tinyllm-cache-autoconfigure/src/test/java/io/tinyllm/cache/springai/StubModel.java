package io.tinyllm.cache.springai;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A model whose streams say what the test says, when it says it. */
final class StubModel implements ChatModel {

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger cancelled = new AtomicInteger();
    private final List<Sinks.Many<ChatResponse>> streams = new CopyOnWriteArrayList<>();
    private volatile Function<Prompt, ChatResponse> answers = prompt -> last("Hello");
    private volatile ChatOptions options = ChatOptions.builder().model("stub").build();

    @Override
    public ChatResponse call(Prompt prompt) {
        calls.incrementAndGet();
        return answers.apply(prompt);
    }

    @Override
    public Flux<ChatResponse> stream(Prompt prompt) {
        return Flux.defer(() -> {
            calls.incrementAndGet();
            Sinks.Many<ChatResponse> sink = Sinks.many().unicast().onBackpressureBuffer();
            streams.add(sink);
            return sink.asFlux().doOnCancel(cancelled::incrementAndGet);
        });
    }

    @Override
    public ChatOptions getOptions() {
        return options;
    }

    void options(ChatOptions now) {
        options = now;
    }

    void answers(Function<Prompt, ChatResponse> now) {
        answers = now;
    }

    int calls() {
        return calls.get();
    }

    int cancelled() {
        return cancelled.get();
    }

    int streams() {
        return streams.size();
    }

    /** The stream that was begun last. */
    Sinks.Many<ChatResponse> stream() {
        return streams.get(streams.size() - 1);
    }

    /** Says something in the last stream. */
    void say(String... pieces) {
        for (String piece : pieces) {
            stream().tryEmitNext(piece(piece)).orThrow();
        }
    }

    /** Ends the last stream. */
    void end() {
        stream().tryEmitNext(last("")).orThrow();
        stream().tryEmitComplete().orThrow();
    }

    static ChatResponse piece(String text) {
        return new ChatResponse(List.of(new Generation(new AssistantMessage(text))));
    }

    static ChatResponse last(String text) {
        return new ChatResponse(List.of(new Generation(
                new AssistantMessage(text),
                ChatGenerationMetadata.builder().finishReason("stop").build())));
    }
}
