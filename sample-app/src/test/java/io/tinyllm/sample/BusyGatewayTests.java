package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * The gateway and its embedded model share one web server, so callers who wait must leave it the threads to answer
 * them.
 */
@SpringBootTest(
        webEnvironment = WebEnvironment.RANDOM_PORT,
        properties = {"sample.model.token-delay=1ms", "server.tomcat.threads.max=2", "server.tomcat.threads.min-spare=2"
        })
class BusyGatewayTests {

    @Test
    void answersManyMoreCallersAtOnceThanTheWebServerHasThreads(@LocalServerPort int port) {
        HttpClient client = HttpClient.newHttpClient();

        var answers = IntStream.range(0, 40)
                .mapToObj(i -> HttpRequest.newBuilder(
                                URI.create("http://localhost:" + port + "/completions?model=tiny&prompt=" + i % 20))
                        .timeout(Duration.ofSeconds(30))
                        .build())
                .map(request -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(answers).extracting(HttpResponse::statusCode).containsOnly(200);
    }
}
