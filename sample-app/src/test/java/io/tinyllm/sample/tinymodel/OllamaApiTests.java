package io.tinyllm.sample.tinymodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.web.servlet.client.RestTestClient;

@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "sample.model.token-delay=2ms")
class OllamaApiTests {

    private RestTestClient http;

    @BeforeEach
    void connect(@LocalServerPort int port) {
        http = RestTestClient.bindToServer()
                .baseUrl("http://localhost:" + port + "/api")
                .build();
    }

    @Test
    void generatesAnAnswerInOllamasShape() {
        generate(Map.of("model", "tiny", "prompt", "hello", "stream", false))
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.model")
                .isEqualTo("tiny")
                .jsonPath("$.created_at")
                .value(String.class, at -> assertThat(Instant.parse(at)).isBeforeOrEqualTo(Instant.now()))
                .jsonPath("$.response")
                .value(String.class, text -> assertThat(text).startsWith("Hello"))
                .jsonPath("$.done")
                .isEqualTo(true)
                .jsonPath("$.done_reason")
                .isEqualTo("stop")
                .jsonPath("$.prompt_eval_count")
                .isEqualTo(1)
                .jsonPath("$.eval_count")
                .value(Integer.class, tokens -> assertThat(tokens).isBetween(30, 60));
    }

    @Test
    void takesItsTimeForEachToken() {
        generate(Map.of("model", "tiny:latest", "prompt", "hello", "stream", false))
                .expectBody()
                .jsonPath("$.total_duration")
                .value(Long.class, nanos -> assertThat(nanos).isGreaterThanOrEqualTo(30 * 2_000_000L));
    }

    @Test
    void answersAnUnknownModelAsOllamaDoes() {
        generate(Map.of("model", "nope", "prompt", "hello", "stream", false))
                .expectStatus()
                .isNotFound()
                .expectBody()
                .jsonPath("$.error")
                .isEqualTo("model 'nope' not found");
    }

    @Test
    void saysThatItDoesNotStreamWhichIsOllamasDefault() {
        generate(Map.of("model", "tiny", "prompt", "hello"))
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.error")
                .isNotEmpty();
    }

    @Test
    void listsItsModel() {
        http.get()
                .uri("/tags")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.models.length()")
                .isEqualTo(1)
                .jsonPath("$.models[0].name")
                .isEqualTo("tiny")
                .jsonPath("$.models[0].details.format")
                .isEqualTo("n-gram");
    }

    private RestTestClient.ResponseSpec generate(Map<String, Object> request) {
        return http.post().uri("/generate").body(request).exchange();
    }
}
