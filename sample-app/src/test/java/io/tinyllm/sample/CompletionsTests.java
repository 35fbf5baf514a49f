package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.sample.CompletionController.Completion;
import jakarta.servlet.Filter;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;

/** The gateway as its users see it: over HTTP, with the embedded model behind it, also over HTTP. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "sample.model.token-delay=1ms")
class CompletionsTests {

    private static final String URI = "/completions?model={model}&prompt={prompt}";

    @Autowired
    private AtomicInteger modelCalls;

    private RestTestClient http;

    @BeforeEach
    void startCold(@LocalServerPort int port, @Autowired CacheManager caches) {
        caches.getCacheNames().forEach(name -> caches.getCache(name).invalidate());
        modelCalls.set(0);
        http = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
    }

    @Test
    void answersTheSecondAskingFromTheCache() {
        Completion first = complete("tiny", "Why is the sky blue?");
        Completion second = complete("tiny", "Why is the sky blue?");

        assertThat(first.model()).isEqualTo("tiny");
        assertThat(first.prompt()).isEqualTo("Why is the sky blue?");
        assertThat(first.completion()).hasSizeGreaterThan(50);
        assertThat(first.tookMillis()).isGreaterThanOrEqualTo(30);
        assertThat(second.completion()).isEqualTo(first.completion());
        assertThat(modelCalls).hasValue(1);
    }

    @Test
    void asksForAnUnknownModelOnce() {
        expectProblem(HttpStatus.NOT_FOUND, URI, "nope", "rain");
        expectProblem(HttpStatus.NOT_FOUND, URI, "nope", "rain");
        assertThat(modelCalls).hasValue(1);
    }

    @Test
    void asksTheModelForEachPrompt() {
        assertThat(complete("tiny", "rain").completion())
                .isNotEqualTo(complete("tiny", "snow").completion());
        assertThat(modelCalls).hasValue(2);
    }

    @Test
    void asksTheModelAgainForEverythingThatItSaidAfterAnEvictOfTheModel() {
        complete("tiny", "rain");
        complete("tiny", "snow");

        http.delete().uri("/completions/models/other").exchange().expectStatus().isNoContent();
        complete("tiny", "rain");
        assertThat(modelCalls).hasValue(2);

        http.delete().uri("/completions/models/tiny").exchange().expectStatus().isNoContent();
        complete("tiny", "rain");
        complete("tiny", "snow");
        assertThat(modelCalls).hasValue(4);
    }

    @Test
    void asksTheModelAgainAfterAnEvict() {
        complete("tiny", "rain");
        complete("tiny", "snow");

        http.delete().uri(URI, "tiny", "rain").exchange().expectStatus().isNoContent();

        complete("tiny", "snow");
        assertThat(modelCalls).hasValue(2);
        complete("tiny", "rain");
        assertThat(modelCalls).hasValue(3);
    }

    @Test
    void answersAnUnknownModelWithAProblem() {
        expectProblem(HttpStatus.NOT_FOUND, URI, "nope", "rain")
                .jsonPath("$.detail")
                .isEqualTo("The model server knows no model 'nope'");
        assertThat(modelCalls).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource({
        "/completions",
        "/completions?model=tiny",
        "/completions?prompt=rain",
        "/completions?model=tiny&prompt=",
        "/completions?model=tiny&prompt=%20%09",
        "/completions?model=&prompt=rain",
        "/completions?model=a%0Ab&prompt=rain",
    })
    void refusesARequestWithoutAUsableModelAndPrompt(java.net.URI uri) {
        String decoded = uri.getPath() + (uri.getQuery() == null ? "" : "?" + uri.getQuery());

        expectProblem(HttpStatus.BAD_REQUEST, decoded);
        assertThat(modelCalls).hasValue(0);
    }

    @Test
    void acceptsTheLongestPromptInAnyScriptAndRefusesALongerOne() {
        String longest = "雨".repeat(CompletionController.MAXIMUM_PROMPT_LENGTH);

        assertThat(complete("tiny", longest).prompt()).isEqualTo(longest);
        expectProblem(HttpStatus.BAD_REQUEST, URI, "tiny", longest + "雨");
        assertThat(modelCalls).hasValue(1);
    }

    private Completion complete(String model, String prompt) {
        return http.get()
                .uri(URI, model, prompt)
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(Completion.class)
                .returnResult()
                .getResponseBody();
    }

    private RestTestClient.BodyContentSpec expectProblem(HttpStatus status, String uri, Object... variables) {
        return http.get()
                .uri(uri, variables)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectHeader()
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .expectBody()
                .jsonPath("$.status")
                .isEqualTo(status.value());
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class CountModelCalls {

        @Bean
        AtomicInteger modelCalls() {
            return new AtomicInteger();
        }

        @Bean
        FilterRegistrationBean<Filter> countingFilter(AtomicInteger modelCalls) {
            var filter = new FilterRegistrationBean<Filter>((request, response, chain) -> {
                modelCalls.incrementAndGet();
                chain.doFilter(request, response);
            });
            filter.addUrlPatterns("/api/generate");
            return filter;
        }
    }
}
