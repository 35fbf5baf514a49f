package io.tinyllm.sample;

import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A client of Ollama's HTTP API. Thread-safe. Logs one line a call, without the prompt, so that the log shows which
 * requests reached the model.
 */
@Component
class OllamaClient {

    private static final Logger log = LoggerFactory.getLogger(OllamaClient.class);

    private static final Pattern UNKNOWN_MODEL = Pattern.compile("\"error\"\\s*:\\s*\"model ");

    private final RestClient http;
    private final Environment environment;

    OllamaClient(RestClient.Builder http, Environment environment) {
        this.http = http.build();
        this.environment = environment;
    }

    /**
     * The model's continuation of the prompt.
     *
     * @throws UnknownModelException if the server knows no such model
     * @throws ModelUnavailableException if the call fails in any other way
     */
    String generate(String model, String prompt) {
        long start = System.nanoTime();
        try {
            GenerateResponse answer = http.post()
                    .uri(generateUri())
                    .contentType(MediaType.APPLICATION_JSON)
                    .body(new GenerateRequest(model, prompt, false))
                    .retrieve()
                    .requiredBody(GenerateResponse.class);
            if (answer.response() == null) {
                throw new RestClientException("The answer has no field 'response'");
            }
            log.info("Model {} answered with {} tokens in {} ms", model, answer.evalCount(), millisSince(start));
            return answer.response();
        } catch (RuntimeException e) {
            if (saysUnknownModel(e)) {
                log.info("Model {} is unknown, said the model server in {} ms", model, millisSince(start));
                throw new UnknownModelException("The model server knows no model '" + model + "'");
            }
            log.warn("Model {} gave no answer in {} ms: {}", model, millisSince(start), e.getMessage());
            throw new ModelUnavailableException("The model server gave no usable answer", e);
        }
    }

    /** Read anew for every call: the port of the embedded model is known only once the web server listens. */
    private URI generateUri() {
        String baseUrl = environment.getRequiredProperty("sample.ollama.base-url");
        return UriComponentsBuilder.fromUriString(baseUrl)
                .path("/api/generate")
                .build()
                .toUri();
    }

    /** Ollama explains in JSON that a model is unknown; any other 404 means that no Ollama listens at this address. */
    private static boolean saysUnknownModel(RuntimeException e) {
        return e instanceof HttpClientErrorException.NotFound notFound
                && UNKNOWN_MODEL.matcher(notFound.getResponseBodyAsString()).find();
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    private record GenerateRequest(String model, String prompt, boolean stream) {}

    @JsonNaming(SnakeCaseStrategy.class)
    private record GenerateResponse(
            @Nullable String response, @Nullable Integer evalCount) {}
}
