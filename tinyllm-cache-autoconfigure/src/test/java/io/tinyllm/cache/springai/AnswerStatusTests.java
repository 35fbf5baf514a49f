package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.LedgerReport;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.springai.ModelServer.Said;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A status says what the cache has done, and not what it was to do. */
class AnswerStatusTests {

    private ModelServer server;
    private AnswersApplication application;
    private ChatClient client;

    @BeforeEach
    void serve() throws Exception {
        server = new ModelServer();
    }

    @AfterEach
    void stop() {
        application.close();
        server.close();
    }

    private void start(List<Class<?>> configuration, String... properties) {
        application = AnswersApplication.start(server.url(), configuration, properties);
        client = application.client();
    }

    @Test
    void whatARuleKeepsAwayIsNotSaidToBeStored() {
        start(List.of(), "tinyllm.cache.caches.answers.bypass.key-patterns=*/tiny/*");
        for (int i = 0; i < 2; i++) {
            assertThat(call("Past?")).isEqualTo("tinyllm; fwd=bypass; detail=rule");
            assertThat(stream("Past?")).isEqualTo("tinyllm; fwd=bypass; detail=rule");
        }
        assertThat(server.calls()).isEqualTo(4);
        assertThat(report().bypassed()).isEqualTo(Map.of("rule", 4L));
        assertThat(report().spent().calls()).isEqualTo(4);
    }

    @Test
    void whatIsEvictedWhileTheModelSpeaksIsNotSaidToBeStored() {
        start(List.of());
        server.says(request -> {
            application.cache().clear();
            return Said.text("old");
        });
        assertThat(call("Evicted?")).isEqualTo("tinyllm; fwd=miss; detail=not-kept");
        assertThat(stream("Evicted?")).isEqualTo("tinyllm; fwd=miss; detail=not-kept");
        assertThat(report().notStored()).isEqualTo(Map.of("not-kept", 2L));
        assertThat(report().missReasons()).isEqualTo(Map.of("new", 1L, "not-stored", 1L));
        server.says(Said.text("new"));
        assertThat(call("Evicted?")).isEqualTo("tinyllm; fwd=miss; stored");
    }

    @Test
    void whatIsNotKeptForItsQualityIsInTheReport() {
        start(List.of());
        server.says(Said.text("Once").finishing("length"));
        call("Story?");
        stream("Story?");
        server.says(Said.text(""));
        call("Story?");
        assertThat(report().notStored()).isEqualTo(Map.of("truncated", 2L, "empty", 1L));
    }

    @Test
    void theTimeThatIsToldIsTheTimeThatTheEntryHas() {
        start(List.of(Rules.class), "tinyllm.cache.caches.answers.time-to-live=1h");
        for (String status : told("Short?")) {
            assertThat(seconds(status)).isBetween(90L, 100L);
        }
        application.close();
        start(
                List.of(),
                "tinyllm.cache.caches.answers.time-to-live=1h",
                "tinyllm.cache.caches.answers.time-to-live-jitter=0.5");
        List<Long> told = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            told.add(seconds(told("Jitter " + i).get(0)));
        }
        assertThat(told).allSatisfy(seconds -> assertThat(seconds).isBetween(1790L, 3600L));
        assertThat(told.stream().distinct().count()).isGreaterThan(5);
        assertThat(told).anySatisfy(seconds -> assertThat(seconds).isLessThan(3400));
    }

    @Test
    void withoutMemoryTheStatusIsThatOfRedis() {
        try (RedisProcess redis = RedisProcess.start()) {
            start(
                    List.of(Rules.class, DataRedisAutoConfiguration.class),
                    "spring.data.redis.host=127.0.0.1",
                    "spring.data.redis.port=" + redis.port(),
                    "tinyllm.cache.caches.answers.time-to-live=1h",
                    "tinyllm.cache.caches.answers.memory.enabled=false",
                    "tinyllm.cache.caches.answers.redis.enabled=true",
                    "tinyllm.cache.caches.answers.redis.time-to-live=2h",
                    "tinyllm.cache.caches.answers.redis.timeout=5s");
            assertThat(call("Shared?")).isEqualTo("tinyllm; fwd=miss; stored");
            for (String status : told("Shared?")) {
                assertThat(seconds(status)).isBetween(90L, 100L);
            }
            assertThat(stream("Stream?")).isEqualTo("tinyllm; fwd=miss; stored");
            application.close();
        }
    }

    @Test
    void aStaleAnswerSaysSoAndTheRefreshedOneIsFresh() {
        start(
                List.of(),
                "tinyllm.cache.caches.answers.time-to-live=1s",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h");
        call("Stale?");
        Awaitility.await().until(() -> call("Stale?").matches("tinyllm; hit; ttl=-[12]"));
        Awaitility.await().until(() -> call("Stale?").equals("tinyllm; hit; ttl=0"));
        assertThat(report().background().calls()).isPositive();
        assertThat(report().spent().calls()).isEqualTo(1);
    }

    private List<String> told(String question) {
        call(question);
        return List.of(call(question), stream(question));
    }

    private static long seconds(String status) {
        assertThat(status).startsWith("tinyllm; hit; ttl=");
        return Long.parseLong(status.substring(status.lastIndexOf('=') + 1));
    }

    private String call(String question) {
        return CachingAdvisorTests.status(client.prompt(question).call().chatResponse());
    }

    private String stream(String question) {
        List<ChatResponse> pieces =
                client.prompt(question).stream().chatResponse().collectList().block();
        return CachingAdvisorTests.status(pieces.get(pieces.size() - 1));
    }

    private LedgerReport report() {
        return application.bean(AnswerLedgers.class).report("answers");
    }

    @Configuration(proxyBeanMethods = false)
    static class Rules {

        @Bean
        TimeToLive hundredSeconds() {
            return (cacheName, key, value) -> Duration.ofSeconds(100);
        }
    }
}
