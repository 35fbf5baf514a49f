package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.Filter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;

/** The chat as its users see it: over HTTP, with the embedded model behind it, also over HTTP. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "sample.model.token-delay=1ms")
class ChatTests {

    @Autowired
    private AtomicInteger chats;

    private RestClient http;

    @BeforeEach
    void startCold(@LocalServerPort int port, @Autowired CacheManager caches) {
        caches.getCacheNames().forEach(name -> caches.getCache(name).invalidate());
        chats.set(0);
        http = RestClient.create("http://localhost:" + port);
    }

    @Test
    void theSameQuestionIsAskedOnceAndTheHeaderSaysSo() {
        ResponseEntity<ChatController.Answer> first = ask("Why does it rain?");
        ResponseEntity<ChatController.Answer> second = ask("Why does it rain?");

        assertThat(first.getBody().answer()).hasSizeGreaterThan(50);
        assertThat(second.getBody()).isEqualTo(first.getBody());
        assertThat(first.getHeaders().get("Cache-Status")).isEqualTo(List.of("tinyllm; fwd=miss; stored"));
        assertThat(second.getHeaders().getFirst("Cache-Status")).startsWith("tinyllm; hit; ttl=");
        assertThat(chats).hasValue(1);
    }

    @Test
    void aStreamIsReplayedInItsPieces() {
        String first = stream("Tell me of the sea");
        String second = stream("Tell me of the sea");

        assertThat(first.lines().filter(line -> line.startsWith("data:")).count())
                .isGreaterThan(20);
        assertThat(second).isEqualTo(first);
        assertThat(ask("Tell me of the sea").getHeaders().getFirst("Cache-Status"))
                .startsWith("tinyllm; hit");
        assertThat(chats).hasValue(1);
    }

    @Test
    void theLedgerOfAConversationIsWhatTheModelHasCounted(@Autowired MeterRegistry meters) {
        Figures before = figures("spent");
        double inputBefore = counted(meters, "input");
        double outputBefore = counted(meters, "output");
        List<String> conversation =
                List.of("Good morning", "What is rain?", "Good morning", "And the sea?", "What is rain?");
        for (String message : conversation) {
            ask(message);
            stream(message);
        }
        Figures after = figures("spent");
        double input = counted(meters, "input") - inputBefore;
        double output = counted(meters, "output") - outputBefore;

        assertThat(chats).hasValue(3);
        assertThat(after.calls() - before.calls()).isEqualTo(3);
        assertThat(after.inputTokens() - before.inputTokens()).isEqualTo((long) input);
        assertThat(after.outputTokens() - before.outputTokens()).isEqualTo((long) output);
        assertThat(after.cost() - before.cost()).isCloseTo((input * 2.5 + output * 10) / 1e6, within(1e-6));
        assertThat(figures("saved").calls()).isGreaterThanOrEqualTo(7);
    }

    private static double counted(MeterRegistry meters, String direction) {
        return meters.get("sample.model.chat.tokens")
                .tag("direction", direction)
                .counter()
                .count();
    }

    private Figures figures(String kind) {
        return http.get()
                .uri("/actuator/cacheanalytics/answers")
                .retrieve()
                .body(Analytics.class)
                .llm()
                .get(kind);
    }

    private ResponseEntity<ChatController.Answer> ask(String message) {
        return http.post()
                .uri("/chat")
                .contentType(MediaType.APPLICATION_JSON)
                .accept(MediaType.APPLICATION_JSON)
                .body(Map.of("message", message))
                .retrieve()
                .toEntity(ChatController.Answer.class);
    }

    private String stream(String message) {
        return http.post()
                .uri("/chat")
                .contentType(MediaType.APPLICATION_JSON)
                .accept(MediaType.TEXT_EVENT_STREAM)
                .body(Map.of("message", message))
                .retrieve()
                .body(String.class);
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Analytics(Llm llm) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Llm(Figures spent, Figures saved) {

        Figures get(String kind) {
            return kind.equals("spent") ? spent : saved;
        }
    }

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Figures(long calls, long inputTokens, long outputTokens, double cost) {}

    @TestConfiguration(proxyBeanMethods = false)
    static class CountChats {

        @Bean
        AtomicInteger chats() {
            return new AtomicInteger();
        }

        @Bean
        FilterRegistrationBean<Filter> countingChats(AtomicInteger chats) {
            var filter = new FilterRegistrationBean<Filter>((request, response, chain) -> {
                chats.incrementAndGet();
                chain.doFilter(request, response);
            });
            filter.addUrlPatterns("/api/chat");
            return filter;
        }
    }
}
