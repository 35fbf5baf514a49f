package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.CacheTags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** One stream of a model for all who want its answer. */
class LiveStreamTests {

    private AnswersApplication application;
    private StubModel model;
    private ChatClient client;

    @BeforeEach
    void start() {
        run();
    }

    private void run(String... properties) {
        List<String> all = new ArrayList<>(List.of("tinyllm.cache.llm.usage-on-hit=recorded"));
        all.addAll(List.of(properties));
        application =
                AnswersApplication.start("http://127.0.0.1:1", List.of(Stubbed.class), all.toArray(String[]::new));
        model = application.bean(StubModel.class);
        client = application.client();
    }

    private void restart(String... properties) {
        stop();
        run(properties);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    @Test
    void whoComesLateGetsThePastAtOnceAndTheRestAsItComes() {
        Heard first = hear("Late?");
        model.say("a", "b");
        Heard late = hear("Late?");
        late.await("a", "b");
        model.say("c");
        first.await("a", "b", "c");
        late.await("a", "b", "c");
        model.end();
        assertThat(first.end()).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(late.end()).isEqualTo("tinyllm; fwd=miss; collapsed");
        assertThat(model.calls()).isEqualTo(1);
        assertThat(hear("Late?").end()).startsWith("tinyllm; hit");
    }

    @Test
    void whoLeavesHarmsNobody() {
        Heard first = hear("Leave?");
        Heard second = hear("Leave?");
        model.say("a");
        first.await("a");
        second.await("a");
        first.leave();
        model.say("b");
        second.await("a", "b");
        model.end();
        assertThat(second.end()).isEqualTo("tinyllm; fwd=miss; collapsed");
        assertThat(model.cancelled()).isZero();
        assertThat(hear("Leave?").end()).startsWith("tinyllm; hit");
    }

    @Test
    void whenAllHaveLeftTheModelIsStoppedAndNothingStored() {
        for (int i = 0; i < 1000; i++) {
            Heard first = hear("Alone?");
            Heard second = hear("Alone?");
            int calls = i + 1;
            // A caller that comes while the stream before it is being left begins one of its own, in its turn.
            Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> model.calls() == calls);
            model.say("a");
            first.leave();
            second.leave();
            assertThat(model.cancelled()).isEqualTo(calls);
        }
        assertThat(model.calls()).isEqualTo(1000);
        Heard next = hear("Alone?");
        model.say("x");
        model.end();
        assertThat(next.end()).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(model.calls()).isEqualTo(1001);
    }

    @Test
    void anAnswerThatIsEvictedInMidStreamIsNotStored() {
        Heard whole = hear("Evict?");
        model.say("a");
        model.end();
        whole.end();
        String key = whole.key();
        for (int i = 0; i < 1000; i++) {
            application.cache().evict(key);
            Heard heard = hear("Evict?");
            model.say("old");
            application.cache().evict(key);
            model.say("er");
            model.end();
            heard.end();
            assertThat(heard.texts()).containsExactly("old", "er", "");
            assertThat(application.cache().get(key)).isNull();
        }
    }

    /** The eviction begins with one of the pieces, or with the end, and runs while the rest is said. */
    @Test
    void anAnswerThatIsEvictedWhileItsStreamRunsIsNeverStored() {
        Supplier<Heard> hear =
                () -> new Heard(client.prompt("Race?").advisors(a -> a.param("tinyllm.cache.tags", "race")).stream()
                        .chatResponse());
        Heard whole = hear.get();
        model.end();
        whole.end();
        String key = whole.key();
        application.cache().clear();
        CacheTags tags = application.bean(CacheTags.class);
        List<Runnable> evictions = List.of(
                () -> application.cache().evict(key),
                () -> application.cache().clear(),
                () -> tags.evict("answers", "race"),
                () -> tags.evict("race"));
        List<String> pieces = List.of("a", "b", "c", "d");
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 1000; i++) {
                Heard first = hear.get();
                Heard second = hear.get();
                int at = i / evictions.size() % (pieces.size() + 1);
                pieces.subList(0, at).forEach(model::say);
                Runnable eviction = evictions.get(i % evictions.size());
                AtomicBoolean begun = new AtomicBoolean();
                CompletableFuture<Void> evicted = CompletableFuture.runAsync(
                        () -> {
                            begun.set(true);
                            eviction.run();
                        },
                        thread);
                while (!begun.get()) {
                    Thread.onSpinWait();
                }
                pieces.subList(at, pieces.size()).forEach(model::say);
                model.end();
                evicted.orTimeout(20, TimeUnit.SECONDS).join();
                for (Heard each : List.of(first, second)) {
                    assertThat(each.end()).startsWith("tinyllm; fwd=miss; ");
                    assertThat(each.texts()).as("round %s", i).containsExactly("a", "b", "c", "d", "");
                }
                assertThat(application.cache().get(key)).as("round %s", i).isNull();
                assertThat(model.calls()).isEqualTo(i + 2);
            }
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void whoAsksAfterAnEvictDoesNotHearTheOldStream() {
        Heard old = hear("Again?");
        model.say("old");
        old.await("old");
        Heard probe = hear("Probe");
        model.say("x");
        model.end();
        probe.end();
        application.cache().clear();
        Heard fresh = hear("Again?");
        model.say("new");
        model.end();
        assertThat(fresh.end()).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(fresh.texts()).containsExactly("new", "");
    }

    @Test
    void anEvictedStreamGoesOnForThoseWhoHearItAndEndsWithTheLastOfThem() {
        Heard probe = hear("Which?");
        model.say("x");
        model.end();
        probe.end();
        application.cache().evict(probe.key());
        Heard first = hear("Which?");
        Heard second = hear("Which?");
        model.say("old");
        first.await("old");
        second.await("old");
        application.cache().evict(probe.key());
        Heard fresh = hear("Which?");
        model.say("new");
        fresh.await("new");
        first.leave();
        assertThat(model.cancelled()).isZero();
        second.leave();
        assertThat(model.cancelled()).isEqualTo(1);
        model.end();
        assertThat(fresh.end()).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(fresh.texts()).containsExactly("new", "");
        assertThat(model.calls()).isEqualTo(3);
    }

    @Test
    void aCallJoinsAStreamAndKeepsItAlive() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Heard stream = hear("Join?");
            model.say("a");
            stream.await("a");
            List<CompletableFuture<ChatResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(CompletableFuture.supplyAsync(
                        () -> client.prompt("Join?").call().chatResponse(), threads));
            }
            Awaitility.await().until(() -> waiting(threads) == 4);
            stream.leave();
            model.say("b");
            model.end();
            for (CompletableFuture<ChatResponse> call : calls) {
                ChatResponse answer = call.get(10, TimeUnit.SECONDS);
                assertThat(CachingAdvisorTests.text(answer)).isEqualTo("ab");
                assertThat(CachingAdvisorTests.status(answer)).isEqualTo("tinyllm; fwd=miss; collapsed");
            }
            assertThat(model.calls()).isEqualTo(1);
            assertThat(model.cancelled()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private static long waiting(ExecutorService threads) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pool-")
                        && (thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING)
                        && List.of(thread.getStackTrace()).toString().contains("io.tinyllm.cache.core."))
                .count();
    }

    @Test
    void anErrorInMidStreamReachesAllAndNothingIsStored() {
        Heard first = hear("Fail?");
        Heard second = hear("Fail?");
        model.say("a");
        model.stream().tryEmitError(new IllegalStateException("broken"));
        assertThatThrownBy(first::end).hasMessageContaining("broken");
        assertThatThrownBy(second::end).hasMessageContaining("broken");
        Heard next = hear("Fail?");
        model.say("b");
        model.end();
        assertThat(next.end()).isEqualTo("tinyllm; fwd=miss; stored");
    }

    @Test
    void whoIsSlowHoldsUpNobody() {
        BaseSubscriber<ChatResponse> slow = new BaseSubscriber<>() {

            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }
        };
        client.prompt("Slow?").stream().chatResponse().subscribe(slow);
        Heard fast = hear("Slow?");
        for (int i = 0; i < 5000; i++) {
            model.say("piece " + i);
        }
        model.end();
        assertThat(fast.end()).isEqualTo("tinyllm; fwd=miss; collapsed");
        assertThat(fast.texts()).hasSize(5001);
        slow.requestUnbounded();
        slow.cancel();
    }

    @Test
    void aStreamThatIsTooLargeIsDeliveredToItsEndAndNotStored() {
        restart("tinyllm.cache.caches.answers.bypass.maximum-value-size=1KB");
        Heard first = hear("Large?");
        String piece = "x".repeat(100);
        for (int i = 0; i < 30; i++) {
            model.say(piece);
        }
        first.await(30);
        // The beginning is gone, and the load has ended without an answer: this one asks anew.
        Sinks.Many<ChatResponse> large = model.stream();
        Heard late = hear("Large?");
        Awaitility.await().until(() -> model.streams() == 2);
        late.leave();
        assertThat(model.cancelled()).isEqualTo(1);
        large.tryEmitNext(StubModel.last("the end")).orThrow();
        large.tryEmitComplete().orThrow();
        assertThat(first.end()).isEqualTo("tinyllm; fwd=miss; detail=size");
        assertThat(first.texts()).hasSize(31).last().isEqualTo("the end");
        assertThat(application.cache().get(first.key())).isNull();
    }

    @Test
    void aLargeStreamGoesNoFasterThanTheSlowest() {
        restart("tinyllm.cache.caches.answers.bypass.maximum-value-size=1KB");
        List<ChatResponse> taken = new CopyOnWriteArrayList<>();
        BaseSubscriber<ChatResponse> slow = new BaseSubscriber<>() {

            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(ChatResponse value) {
                taken.add(value);
            }
        };
        client.prompt("Huge?").stream().chatResponse().subscribe(slow);
        for (int i = 0; i < 20_000; i++) {
            model.say("piece of some length " + i);
        }
        model.end();
        // The unicast sink holds what was not asked for; what was is bounded by the window.
        Awaitility.await().until(() -> taken.size() == 1);
        slow.requestUnbounded();
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> taken.size() >= 20_001);
        assertThat(CachingAdvisorTests.text(taken.get(19_999))).isEqualTo("piece of some length 19999");
    }

    @Test
    void aStaleAnswerIsServedWhileItsStreamIsReplaced() {
        restart(
                "tinyllm.cache.caches.answers.time-to-live=50ms",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h");
        Heard first = hear("Stale?");
        model.say("old");
        model.end();
        first.end();
        Awaitility.await().until(() -> {
            Heard heard = hear("Stale?");
            String status = heard.end();
            assertThat(heard.texts()).containsExactly("old", "");
            return status.contains("ttl=-");
        });
        Awaitility.await().until(() -> model.streams() == 2);
        model.say("new");
        model.end();
        Awaitility.await().until(() -> {
            Heard heard = hear("Stale?");
            heard.end();
            return heard.texts().contains("new");
        });
    }

    @Test
    void aPatientCallerFollowsTheRefreshOfAnAnswerWhereItBeginsInTime() {
        restart(
                "tinyllm.cache.caches.answers.time-to-live=50ms",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h",
                "tinyllm.cache.caches.answers.stale-while-revalidate-wait=1h");
        Heard first = hear("Patient?");
        model.say("old");
        model.end();
        first.end();
        List<Heard> heard = new ArrayList<>();
        Awaitility.await().until(() -> {
            heard.add(hear("Patient?"));
            return model.streams() == 2;
        });
        Heard patient = heard.get(heard.size() - 1);
        model.say("new");
        patient.await("new");
        model.end();
        patient.end();
        assertThat(patient.texts()).containsExactly("new", "");
        assertThat(patient.end()).startsWith("tinyllm; fwd=miss; ");
    }

    @Test
    void aPatientCallerHearsTheStaleAnswerWhereItsRefreshSaysNothingInTime() {
        restart(
                "tinyllm.cache.caches.answers.time-to-live=50ms",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h",
                "tinyllm.cache.caches.answers.stale-while-revalidate-wait=20ms");
        Heard first = hear("Impatient?");
        model.say("old");
        model.end();
        first.end();
        Awaitility.await().until(() -> {
            Heard heard = hear("Impatient?");
            String status = heard.end();
            assertThat(heard.texts()).containsExactly("old", "");
            return status.contains("ttl=-") && model.streams() == 2;
        });
        assertThat(model.cancelled()).isZero();
    }

    @Test
    void aStaleAnswerStandsInForAStreamThatFailsBeforeItsFirstPiece() {
        restart("tinyllm.cache.caches.answers.time-to-live=50ms", "tinyllm.cache.caches.answers.stale-if-error=1h");
        Heard first = hear("Error?");
        model.say("old");
        model.end();
        first.end();
        Awaitility.await().until(() -> {
            int streams = model.streams();
            Heard heard = hear("Error?");
            if (model.streams() > streams) {
                model.stream().tryEmitError(new IllegalStateException("down"));
            }
            String status = heard.end();
            assertThat(heard.texts()).containsExactly("old", "");
            return status.contains("ttl=-");
        });
    }

    @Test
    void aStreamBlocksNoThreadThatMayNotBlock() {
        Supplier<Flux<String>> answer =
                () -> client.prompt("Loop?").stream().content().subscribeOn(Schedulers.parallel());
        StepVerifier.create(answer.get())
                .then(() -> Awaitility.await().until(() -> model.streams() == 1))
                .then(() -> model.say("a", "b"))
                .then(() -> model.end())
                .expectNext("a", "b")
                .expectComplete()
                .verify(Duration.ofSeconds(10));
        StepVerifier.create(answer.get()).expectNext("a", "b").expectComplete().verify(Duration.ofSeconds(10));
    }

    private Heard hear(String question) {
        return new Heard(client.prompt(question).stream().chatResponse());
    }

    /** What one hears of a stream. */
    private static final class Heard {

        private final List<ChatResponse> pieces = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final Disposable subscription;

        Heard(Flux<ChatResponse> stream) {
            subscription = stream.subscribe(pieces::add, ended::completeExceptionally, () -> ended.complete(null));
        }

        List<String> texts() {
            return CachingAdvisorTests.texts(pieces);
        }

        void await(String... texts) {
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(2))
                    .untilAsserted(() -> assertThat(texts()).containsExactly(texts));
        }

        void await(int count) {
            Awaitility.await().until(() -> pieces.size() == count);
        }

        String end() {
            ended.orTimeout(20, TimeUnit.SECONDS).join();
            return CachingAdvisorTests.status(pieces.get(pieces.size() - 1));
        }

        String key() {
            return pieces.get(pieces.size() - 1).getMetadata().get("cache-key");
        }

        void leave() {
            subscription.dispose();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Stubbed {

        @Bean
        StubModel chatModel() {
            return new StubModel();
        }
    }
}
