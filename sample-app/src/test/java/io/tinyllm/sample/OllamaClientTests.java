package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.web.client.RestClient;

/** What the client sends to a model server, and what it makes of the answers of one that is not ours. */
class OllamaClientTests {

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private int status = 200;
    private String answer = "";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body);
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("Content-Type", answer.startsWith("{") ? "application/json" : "text/plain");
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void asksForOneWholeAnswerAndTakesItsText() {
        answer = """
                {"model":"llama3.2","created_at":"2024-01-01T00:00:00Z","response":"Blue, mostly.","done":true,
                 "done_reason":"stop","context":[1,2,3],"total_duration":5043500667,"eval_count":290}""";

        assertThat(client("").generate("llama3.2", "Why is the sky blue?")).isEqualTo("Blue, mostly.");
        assertThat(requests)
                .containsExactly("POST /api/generate {\"model\":\"llama3.2\",\"prompt\":\"Why is the sky blue?\","
                        + "\"stream\":false}");
    }

    @Test
    void doesWithoutTheStatistics() {
        answer = "{\"response\":\"Blue.\"}";

        assertThat(client("/").generate("llama3.2", "sky")).isEqualTo("Blue.");
        assertThat(requests).singleElement().asString().startsWith("POST /api/generate ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"error\":\"model 'nope' not found\"}",
                "{\"error\": \"model \\\"nope\\\" not found, try pulling it first\"}"
            })
    void knowsAnUnknownModelByWhatOllamaSays(String error) {
        status = 404;
        answer = error;

        assertThatExceptionOfType(UnknownModelException.class)
                .isThrownBy(() -> client("").generate("nope", "sky"))
                .withMessageContaining("'nope'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "404 | 404 page not found",
                "404 | {\"status\":404,\"error\":\"Not Found\"}",
                "400 | {\"error\":\"\\\"nope\\\" does not support generate\"}",
                "500 | {\"error\":\"out of memory\"}",
                "200 | {\"done\":true}",
                "200 | {\"response\":",
                "200 | <html>",
                "200 | ``",
            })
    void takesEveryOtherFailureForAnUnavailableModel(int status, String answer) {
        this.status = status;
        this.answer = answer;

        assertThatExceptionOfType(ModelUnavailableException.class)
                .isThrownBy(() -> client("").generate("nope", "sky"));
    }

    @Test
    void takesAServerThatDoesNotListenForAnUnavailableModel() {
        server.stop(0);

        assertThatExceptionOfType(ModelUnavailableException.class)
                .isThrownBy(() -> client("").generate("tiny", "sky"));
    }

    @Test
    void takesAnAddressWithoutASchemeForAnUnavailableModel() {
        OllamaClient client = new OllamaClient(
                RestClient.builder(), new MockEnvironment().withProperty("sample.ollama.base-url", "localhost:11434"));

        assertThatExceptionOfType(ModelUnavailableException.class).isThrownBy(() -> client.generate("tiny", "sky"));
    }

    private OllamaClient client(String suffix) {
        String baseUrl = "http://localhost:" + server.getAddress().getPort() + suffix;
        return new OllamaClient(
                RestClient.builder(), new MockEnvironment().withProperty("sample.ollama.base-url", baseUrl));
    }
}
