package io.tinyllm.sample.tinymodel;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.tinyllm.sample.tinymodel.NGramModel.Generation;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part of Ollama's HTTP API that the gateway needs, over the embedded model {@value #MODEL}. Durations on the wire
 * are nanoseconds.
 */
@RestController("embeddedModelApi") // Spring AI has an ollamaApi too
@RequestMapping("/api")
class OllamaApi {

    static final String MODEL = "tiny";

    private static final Logger log = LoggerFactory.getLogger(OllamaApi.class);

    private final NGramModel model;
    private final Duration tokenDelay;
    private final JsonMapper json;
    private final Counter inputTokens;
    private final Counter outputTokens;
    private final Instant trainedAt = Instant.now();

    /**
     * @param corpus the text to learn from
     * @param tokenDelay how long the model pretends to think about each token
     */
    OllamaApi(
            @Value("classpath:tiny-corpus.txt") Resource corpus,
            @Value("${sample.model.token-delay}") Duration tokenDelay,
            JsonMapper json,
            MeterRegistry meters)
            throws IOException {
        this.model = new NGramModel(corpus.getContentAsString(StandardCharsets.UTF_8));
        this.tokenDelay = tokenDelay;
        this.json = json;
        this.inputTokens = tokens(meters, "input");
        this.outputTokens = tokens(meters, "output");
        log.info(
                "Trained the embedded model '{}', a stand-in for a large one: {} n-grams, {} ms a token",
                MODEL,
                model.size(),
                tokenDelay.toMillis());
    }

    private static Counter tokens(MeterRegistry meters, String direction) {
        return Counter.builder("sample.model.chat.tokens")
                .tag("direction", direction)
                .description("Tokens that the embedded model has read and written in chats")
                .register(meters);
    }

    @PostMapping("/generate")
    ResponseEntity<?> generate(@RequestBody GenerateRequest request) throws InterruptedException {
        String name = request.model();
        if (name == null || !(name.equals(MODEL) || name.equals(MODEL + ":latest"))) {
            return error(HttpStatus.NOT_FOUND, "model '" + name + "' not found");
        }
        if (!Boolean.FALSE.equals(request.stream())) {
            return error(HttpStatus.BAD_REQUEST, "this model does not stream, ask with \"stream\": false");
        }
        long start = System.nanoTime();
        Generation generation = model.generate(request.prompt() == null ? "" : request.prompt());
        Thread.sleep(tokenDelay.toMillis() * generation.tokens());
        long nanos = System.nanoTime() - start;
        return ResponseEntity.ok(new GenerateResponse(
                name,
                Instant.now(),
                generation.text(),
                true,
                "stop",
                nanos,
                generation.promptTokens(),
                generation.tokens(),
                nanos));
    }

    /**
     * Answers the last message of the user, in one piece of JSON or, as Ollama does unless it is told otherwise, in one
     * for each word. It writes on the thread of the request: callers who wait for it may hold all others.
     */
    @PostMapping("/chat")
    void chat(@RequestBody ChatRequest request, HttpServletResponse response) throws IOException, InterruptedException {
        String name = request.model();
        if (name == null || !(name.equals(MODEL) || name.equals(MODEL + ":latest"))) {
            response.setStatus(HttpStatus.NOT_FOUND.value());
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            json.writeValue(response.getOutputStream(), Map.of("error", "model '" + name + "' not found"));
            return;
        }
        long start = System.nanoTime();
        Generation generation = model.generate(request.question());
        boolean streams = !Boolean.FALSE.equals(request.stream());
        response.setContentType(streams ? MediaType.APPLICATION_NDJSON_VALUE : MediaType.APPLICATION_JSON_VALUE);
        if (streams) {
            for (String word : generation.text().split("(?<= )")) {
                write(response, ChatResponse.piece(name, word));
                Thread.sleep(tokenDelay.toMillis());
            }
            write(response, ChatResponse.last(name, "", generation, System.nanoTime() - start));
        } else {
            Thread.sleep(tokenDelay.toMillis() * generation.tokens());
            write(response, ChatResponse.last(name, generation.text(), generation, System.nanoTime() - start));
        }
        inputTokens.increment(generation.promptTokens());
        outputTokens.increment(generation.tokens());
    }

    private void write(HttpServletResponse response, ChatResponse line) throws IOException {
        response.getOutputStream().write((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        response.flushBuffer();
    }

    @GetMapping("/tags")
    Tags tags() {
        Details details = new Details("n-gram", "trigram", model.size() + " n-grams");
        return new Tags(List.of(new Tag(MODEL, MODEL, trainedAt, details)));
    }

    private static ResponseEntity<?> error(HttpStatus status, String message) {
        return ResponseEntity.status(status).body(Map.of("error", message));
    }

    record GenerateRequest(
            @Nullable String model,
            @Nullable String prompt,
            @Nullable Boolean stream) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record GenerateResponse(
            String model,
            Instant createdAt,
            String response,
            boolean done,
            String doneReason,
            long totalDuration,
            int promptEvalCount,
            int evalCount,
            long evalDuration) {}

    record ChatRequest(
            @Nullable String model,
            @Nullable List<ChatMessage> messages,
            @Nullable Boolean stream) {

        String question() {
            String question = "";
            for (ChatMessage message : messages == null ? List.<ChatMessage>of() : messages) {
                String content = message.content();
                if ("user".equals(message.role()) && content != null) {
                    question = content;
                }
            }
            return question;
        }
    }

    record ChatMessage(@Nullable String role, @Nullable String content) {}

    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ChatResponse(
            String model,
            Instant createdAt,
            ChatMessage message,
            boolean done,
            @Nullable String doneReason,
            @Nullable Long totalDuration,
            @Nullable Integer promptEvalCount,
            @Nullable Integer evalCount,
            @Nullable Long evalDuration) {

        static ChatResponse piece(String model, String text) {
            return new ChatResponse(
                    model, Instant.now(), new ChatMessage("assistant", text), false, null, null, null, null, null);
        }

        static ChatResponse last(String model, String text, Generation generation, long nanos) {
            return new ChatResponse(
                    model,
                    Instant.now(),
                    new ChatMessage("assistant", text),
                    true,
                    "stop",
                    nanos,
                    generation.promptTokens(),
                    generation.tokens(),
                    nanos);
        }
    }

    record Tags(List<Tag> models) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record Tag(String name, String model, Instant modifiedAt, Details details) {}

    @JsonNaming(SnakeCaseStrategy.class)
    record Details(String format, String family, String parameterSize) {}
}
