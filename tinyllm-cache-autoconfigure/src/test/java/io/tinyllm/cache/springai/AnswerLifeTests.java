package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.redis.RedisProcess;
import io.tinyllm.cache.springai.ModelServer.Said;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;

/** How long answers live, whose they are, and what each mode does with them. */
class AnswerLifeTests {

    private ModelServer server;
    private AnswersApplication application;

    @BeforeEach
    void start() throws Exception {
        server = new ModelServer();
    }

    @AfterEach
    void stop() {
        application.close();
        server.close();
    }

    private ChatClient run(List<Class<?>> configuration, String... properties) {
        application = AnswersApplication.start(server.url(), configuration, properties);
        return application.client();
    }

    @Test
    void anAnswerIsKeptAsLongAsItsRequestWants() {
        ChatClient client = run(List.of(), "tinyllm.cache.caches.answers.time-to-live=200ms");
        ChatResponse longer = ask(client, "Longer?", "ttl=3600");
        assertThat(CachingAdvisorTests.status(longer)).isEqualTo("tinyllm; fwd=miss; stored");
        ask(client, "As long?", "");
        Awaitility.await()
                .until(() ->
                        CachingAdvisorTests.status(ask(client, "As long?", "")).endsWith("stored"));
        assertThat(CachingAdvisorTests.status(ask(client, "Longer?", ""))).matches("tinyllm; hit; ttl=3[56].*");
        assertThat(CachingAdvisorTests.status(ask(client, "Never?", "ttl=0"))).isEqualTo("tinyllm; fwd=miss");
        assertThat(CachingAdvisorTests.status(ask(client, "Never?", ""))).endsWith("stored");
    }

    private static ChatResponse ask(ChatClient client, String question, String control) {
        return client.prompt(question)
                .advisors(a -> a.param("tinyllm.cache.control", control))
                .call()
                .chatResponse();
    }

    @Test
    void whatWasRecordedIsReplayedWithoutAServer(@TempDir Path directory) {
        String[] record = {
            "tinyllm.cache.caches.answers.time-to-live=0",
            "tinyllm.cache.caches.answers.snapshot.enabled=true",
            "tinyllm.cache.snapshots.directory=" + directory.resolve("answers"),
            "tinyllm.cache.llm.usage-on-hit=recorded"
        };
        ChatClient client = run(List.of(), record);
        server.says(request -> Said.text(
                        "about ",
                        request.path("messages").get(0).path("content").asString())
                .thinking("hm"));
        List<ChatResponse> recorded = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            client.prompt("Stream " + i).stream().content().blockLast();
            recorded.add(client.prompt("Stream " + i).call().chatResponse());
            client.prompt("Call " + i).call().content();
            recorded.add(client.prompt("Call " + i).call().chatResponse());
        }
        int asked = server.calls();
        application.close();
        server.close();
        List<String> replay = new ArrayList<>(List.of(record));
        replay.add("tinyllm.cache.llm.mode=only-if-cached");
        ChatClient again = run(List.of(), replay.toArray(String[]::new));
        for (int i = 0; i < 20; i++) {
            for (int kind = 0; kind < 2; kind++) {
                ChatResponse original = recorded.get(2 * i + kind);
                ChatResponse replayed = again.prompt((kind == 0 ? "Stream " : "Call ") + i)
                        .call()
                        .chatResponse();
                assertThat(CachingAdvisorTests.status(replayed)).isEqualTo("tinyllm; hit");
                assertThat(replayed.getResult().getOutput())
                        .isEqualTo(original.getResult().getOutput());
                assertThat(replayed.getResult().getMetadata())
                        .isEqualTo(original.getResult().getMetadata());
                assertThat(replayed.getMetadata().entrySet())
                        .isEqualTo(original.getMetadata().entrySet());
                assertThat(replayed.getMetadata().getUsage())
                        .isEqualTo(original.getMetadata().getUsage());
                assertThat(replayed.getMetadata().getModel()).isEqualTo("tiny");
            }
        }
        assertThat(again.prompt("Stream 3").stream().content().collectList().block())
                .containsExactly("about ", "Stream 3");
        assertThatThrownBy(() -> again.prompt("Something else").call().content())
                .isInstanceOf(AnswerNotCachedException.class)
                .hasMessageNotContaining("Something else");
        assertThat(server.calls()).isEqualTo(asked);
    }

    @Test
    void instancesShareTheirAnswersThroughRedis() {
        String[] shared;
        try (RedisProcess redis = RedisProcess.start()) {
            shared = new String[] {
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + redis.port(),
                "tinyllm.cache.caches.answers.redis.enabled=true",
                "tinyllm.cache.caches.answers.redis.timeout=2s",
                "tinyllm.cache.llm.usage-on-hit=recorded"
            };
            server.says(Said.text("a", "b", "c").thinking("hm"));
            ChatClient client = run(List.of(DataRedisAutoConfiguration.class), shared);
            List<ChatResponse> said = client.prompt("Shared?").stream()
                    .chatResponse()
                    .collectList()
                    .block();
            try (AnswersApplication other =
                    AnswersApplication.start(server.url(), List.of(DataRedisAutoConfiguration.class), shared)) {
                List<ChatResponse> replayed = other.client().prompt("Shared?").stream()
                        .chatResponse()
                        .collectList()
                        .block();
                assertThat(CachingAdvisorTests.texts(replayed)).isEqualTo(CachingAdvisorTests.texts(said));
                ChatResponse last = replayed.get(replayed.size() - 1);
                assertThat(CachingAdvisorTests.status(last)).startsWith("tinyllm; hit; ttl=");
                assertThat(last.getMetadata().getUsage())
                        .isEqualTo(said.get(said.size() - 1).getMetadata().getUsage());
                assertThat(server.calls()).isEqualTo(1);
                other.cache().evict(last.getMetadata().get("cache-key"));
                other.client().prompt("Shared?").call().content();
                assertThat(server.calls()).isEqualTo(2);
            }
            application.close();
        }
    }

    @Test
    void refreshAlwaysAsksAndStores() {
        ChatClient client = run(List.of(), "tinyllm.cache.llm.mode=refresh");
        for (int i = 0; i < 2; i++) {
            assertThat(CachingAdvisorTests.status(ask(client, "Fresh?", ""))).isEqualTo("tinyllm; fwd=request");
        }
        assertThat(server.calls()).isEqualTo(2);
        assertThat(CachingAdvisorTests.status(ask(client, "Fresh?", "only-if-cached")))
                .startsWith("tinyllm; hit");
        assertThatThrownBy(() -> ask(client, "Unknown?", "only-if-cached"))
                .isInstanceOf(AnswerNotCachedException.class);
        assertThat(server.calls()).isEqualTo(2);
    }

    @Test
    void offDoesNothing() {
        ChatClient client = run(List.of(), "tinyllm.cache.llm.mode=off");
        for (int i = 0; i < 2; i++) {
            assertThat(CachingAdvisorTests.status(client.prompt("Off?").call().chatResponse()))
                    .isNull();
        }
        assertThat(server.calls()).isEqualTo(2);
    }

    @Test
    void aHitCostsNothingUnlessItIsToSayWhatWasRecorded() {
        ChatClient client = run(List.of());
        ChatResponse first = client.prompt("Cost?").call().chatResponse();
        ChatResponse second = client.prompt("Cost?").call().chatResponse();
        assertThat(first.getMetadata().getUsage().getTotalTokens()).isEqualTo(13);
        assertThat(second.getMetadata().getUsage().getTotalTokens()).isZero();
    }

    @Test
    void whatIsHotterThanTheMaximumIsNotCached() {
        ChatClient client = run(List.of(), "tinyllm.cache.caches.answers.llm.maximum-temperature=0.5");
        for (Double temperature : new Double[] {null, 0.6, 1.9, 0.5, 0.0}) {
            boolean cached = temperature != null && temperature <= 0.5;
            for (int i = 0; i < 2; i++) {
                ChatResponse response = client.prompt("Hot?")
                        .options(ChatOptions.builder().temperature(temperature))
                        .call()
                        .chatResponse();
                assertThat(CachingAdvisorTests.status(response))
                        .as(temperature + " " + i)
                        .startsWith(
                                !cached
                                        ? "tinyllm; fwd=bypass; detail=temperature"
                                        : i == 0 ? "tinyllm; fwd=miss; stored" : "tinyllm; hit");
            }
        }
    }

    @Test
    void theTenantOfTheThreadCounts() {
        ChatClient client = run(List.of(Tenants.class));
        for (String tenant : List.of("acme", "umbrella", "acme")) {
            Tenants.CURRENT.set(tenant);
            assertThat(client.prompt("Whose?")
                            .call()
                            .chatResponse()
                            .getMetadata()
                            .<String>get("cache-key"))
                    .startsWith(tenant + "/tiny/");
        }
        assertThat(server.calls()).isEqualTo(2);
        Tenants.CURRENT.set("broken");
        for (int i = 0; i < 2; i++) {
            ChatResponse response = client.prompt("Whose?").call().chatResponse();
            assertThat(CachingAdvisorTests.status(response)).isEqualTo("tinyllm; fwd=bypass; detail=tenant");
        }
        assertThat(server.calls()).isEqualTo(4);
    }

    @Test
    void modelBeansDoNotShare() {
        ChatClient client = run(List.of(TwoModels.class));
        CachingAdvisor advisor = application.bean(CachingAdvisor.class);
        StubModel other = application.context().getBean("other", StubModel.class);
        StubModel first = application.context().getBean("first", StubModel.class);
        ChatClient otherClient =
                ChatClient.builder((ChatModel) other).defaultAdvisors(advisor).build();
        for (int i = 0; i < 2; i++) {
            client.prompt("Which?").call().content();
            otherClient.prompt("Which?").call().content();
        }
        assertThat(first.calls()).isEqualTo(1);
        assertThat(other.calls()).isEqualTo(1);
        StubModel stranger = new StubModel();
        StubModel another = new StubModel();
        for (StubModel model : List.of(stranger, another, stranger, another)) {
            ChatClient.builder((ChatModel) model)
                    .defaultAdvisors(advisor)
                    .build()
                    .prompt("Which?")
                    .call()
                    .content();
        }
        assertThat(stranger.calls()).isEqualTo(1);
        assertThat(another.calls()).isEqualTo(1);
    }

    @Configuration(proxyBeanMethods = false)
    static class Tenants {

        static final ThreadLocal<String> CURRENT = new ThreadLocal<>();

        @Bean
        TenantResolver tenants() {
            return () -> {
                if ("broken".equals(CURRENT.get())) {
                    throw new IllegalStateException("no tenant");
                }
                return CURRENT.get();
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoModels {

        @Bean
        @Primary
        StubModel first() {
            return new StubModel();
        }

        @Bean
        StubModel other() {
            return new StubModel();
        }
    }
}
