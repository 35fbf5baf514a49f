package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.ActiveProfiles;

/**
 * One small budget for two caches, with the profile 'all' and the traffic of docs/memory-budget.md: what the chat
 * misses asks the model, what the completions miss is read from a table.
 */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {
            "sample.model.token-delay=0ms",
            "sample.store.url=jdbc:h2:mem:shared-memory",
            "tinyllm.cache.caches.completions.snapshot.enabled=false",
            "tinyllm.cache.caches.completions.write.journal=false"
        })
@ActiveProfiles("all")
class SharedMemoryTests {

    private static final int ROUNDS = 4;
    private static final int QUESTIONS = 120;
    private static final int PROMPTS = 450;
    private static final int CALLERS = 32;

    private static final Pattern REASON = Pattern.compile("\"reason\":\"([^\"]*)\"");
    private static final Pattern SHARE = Pattern.compile("\"share\":(\\d+)");

    private final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort
    private int port;

    @Test
    void movesMemoryToTheCacheWhoseMissesAskTheModelAndSaysWhatThatCostsTheOther() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            ask();
            send(HttpRequest.newBuilder(uri("/actuator/cachetuning/answers")).POST(BodyPublishers.noBody()));
        }

        String answers = send(HttpRequest.newBuilder(uri("/actuator/cachetuning/answers")));
        String completions = send(HttpRequest.newBuilder(uri("/actuator/cachetuning/completions")));
        assertThat(reasons(answers))
                .anyMatch(reason -> reason.matches(
                        "answers gets \\d+ KB more: saves .* of loads an hour there, costs completions .*"));
        assertThat(share(answers)).isGreaterThan(2 * share(completions));
    }

    /** More questions than half of the budget holds, and a prompt that is always there. */
    private void ask() {
        List<HttpRequest> requests = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            requests.add(HttpRequest.newBuilder(uri("/chat"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"message\": \"Tell me of day " + i + "\"}"))
                    .build());
        }
        for (int i = 0; i < PROMPTS; i++) {
            requests.add(HttpRequest.newBuilder(uri("/completions?model=tiny&prompt=hello"))
                    .build());
        }
        for (int i = 0; i < requests.size(); i += CALLERS) {
            requests.subList(i, Math.min(requests.size(), i + CALLERS)).stream()
                    .map(request -> client.sendAsync(request, BodyHandlers.discarding()))
                    .toList()
                    .forEach(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
        }
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + port + path);
    }

    private String send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private static List<String> reasons(String tuning) {
        return REASON.matcher(tuning).results().map(found -> found.group(1)).toList();
    }

    private static long share(String tuning) {
        return SHARE.matcher(tuning)
                .results()
                .findFirst()
                .map(found -> Long.parseLong(found.group(1)))
                .orElseThrow();
    }
}
