package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.springai.ModelServer.Said;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.MessageAggregator;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** Many callers, late ones, those who leave, and a server that is killed. */
class ModelServerTests {

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

    private ChatClient run(String... properties) {
        List<String> all = new ArrayList<>(List.of("tinyllm.cache.llm.usage-on-hit=recorded"));
        all.addAll(List.of(properties));
        application = AnswersApplication.start(server, all.toArray(String[]::new));
        return application.client();
    }

    @ParameterizedTest
    @ValueSource(strings = {"call", "stream", "mixed"})
    void aHundredCallersOfOneColdPromptAskOnce(String how) throws Exception {
        ChatClient client = run();
        server.says(Said.pieces(10).every(20));
        ExecutorService threads = Executors.newFixedThreadPool(100);
        try {
            for (int round = 0; round < 10; round++) {
                String question = how + round;
                int before = server.calls();
                CountDownLatch together = new CountDownLatch(1);
                List<CompletableFuture<String>> callers = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    boolean stream = how.equals("stream") || how.equals("mixed") && i % 2 == 0;
                    callers.add(CompletableFuture.supplyAsync(
                            () -> {
                                await(together);
                                return stream
                                        ? client.prompt(question).stream()
                                                .content()
                                                .collectList()
                                                .map(pieces -> String.join("", pieces))
                                                .block()
                                        : client.prompt(question).call().content();
                            },
                            threads));
                }
                together.countDown();
                for (CompletableFuture<String> caller : callers) {
                    assertThat(caller.get(60, TimeUnit.SECONDS))
                            .startsWith("piece 0 piece 1")
                            .endsWith("piece 9 ");
                }
                assertThat(server.calls()).isEqualTo(before + 1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void whoComesLateHasItsFirstPieceAtOnce() {
        ChatClient client = run();
        server.says(Said.pieces(40).every(20));
        List<ChatResponse> first = new CopyOnWriteArrayList<>();
        Disposable early = client.prompt("Late?").stream().chatResponse().subscribe(first::add);
        Awaitility.await().until(() -> first.size() >= 15);
        AtomicLong began = new AtomicLong(System.nanoTime());
        AtomicLong took = new AtomicLong();
        List<ChatResponse> late = client.prompt("Late?").stream()
                .chatResponse()
                .doOnNext(piece -> took.compareAndSet(0, System.nanoTime() - began.get()))
                .collectList()
                .block(Duration.ofSeconds(30));
        assertThat(took.get()).isLessThan(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(late).hasSize(41);
        assertThat(server.calls()).isEqualTo(1);
        Awaitility.await().until(early::isDisposed);
    }

    @Test
    void aLongStreamIsReplayedFastAndAggregatesToTheSame() {
        ChatClient client = run();
        server.says(Said.pieces(400).thinking("let ", "me ", "see"));
        ChatResponse original = aggregate(client.prompt("Long?").stream().chatResponse());
        client.prompt("Long?").stream().content().blockLast();
        long best = Long.MAX_VALUE;
        ChatResponse replay = null;
        for (int i = 0; i < 20; i++) {
            long began = System.nanoTime();
            replay = aggregate(client.prompt("Long?").stream().chatResponse());
            best = Math.min(best, System.nanoTime() - began);
        }
        assertThat(best).isLessThan(TimeUnit.MILLISECONDS.toNanos(50));
        assertThat(replay.getResult().getOutput())
                .isEqualTo(original.getResult().getOutput());
        assertThat(replay.getResult().getMetadata())
                .isEqualTo(original.getResult().getMetadata());
        assertThat(replay.getMetadata().getUsage())
                .isEqualTo(original.getMetadata().getUsage());
        assertThat(replay.getMetadata().getModel()).isEqualTo("tiny");
        assertThat(server.calls()).isEqualTo(1);
    }

    @Test
    void callsOfToolsAreReplayedAsTheyWere() {
        ChatClient client = run("spring.ai.chat.client.tool-calling.enabled=false");
        server.says(Said.text("").calling("weather", Map.of("city", "Rome")));
        ChatResponse original = aggregate(client.prompt("Tool?").stream().chatResponse());
        ChatResponse replay = aggregate(client.prompt("Tool?").stream().chatResponse());
        ChatResponse whole = client.prompt("Tool?").call().chatResponse();
        assertThat(original.getResult().getOutput().getToolCalls()).hasSize(1);
        assertThat(replay.getResult().getOutput().getToolCalls())
                .isEqualTo(original.getResult().getOutput().getToolCalls())
                .isEqualTo(whole.getResult().getOutput().getToolCalls());
        assertThat(server.calls()).isEqualTo(1);
    }

    private static ChatResponse aggregate(Flux<ChatResponse> stream) {
        AtomicReference<ChatResponse> whole = new AtomicReference<>();
        new MessageAggregator().aggregate(stream, whole::set).blockLast(Duration.ofSeconds(60));
        return whole.get();
    }

    @Test
    void whenAllHaveLeftTheConnectionToTheModelIsClosed() {
        ChatClient client = run();
        server.says(Said.pieces(2000).every(20));
        List<Disposable> callers = new ArrayList<>();
        List<ChatResponse> heard = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 5; i++) {
            callers.add(client.prompt("Leave?").stream().chatResponse().subscribe(heard::add));
        }
        Awaitility.await().until(() -> heard.size() >= 20);
        callers.forEach(Disposable::dispose);
        Awaitility.await().atMost(Duration.ofSeconds(1)).until(() -> server.broken() == 1);
        server.says(Said.text("anew"));
        assertThat(client.prompt("Leave?").call().content()).isEqualTo("anew");
        assertThat(server.calls()).isEqualTo(2);
    }

    @Test
    void warmKeysAreServedWhenTheServerIsKilled() {
        ChatClient client = run(
                "tinyllm.cache.caches.answers.time-to-live=1s",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h");
        for (int i = 0; i < 20; i++) {
            client.prompt("Warm " + i).call().content();
        }
        server.close();
        String probe = "Warm 0";
        Awaitility.await().until(() -> {
            ChatResponse response = client.prompt(probe).call().chatResponse();
            return CachingAdvisorTests.status(response).contains("ttl=-");
        });
        for (int i = 0; i < 1000; i++) {
            String question = "Warm " + i % 20;
            if (i % 2 == 0) {
                assertThat(client.prompt(question).call().content()).isEqualTo("Hello world");
            } else {
                assertThat(client.prompt(question).stream().content().blockLast())
                        .isEqualTo("Hello world");
            }
        }
    }
}
