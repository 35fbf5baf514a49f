package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.LedgerReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;

/** Why a request has no stored answer, and what is told of that. */
class MissReasonTests {

    private AnswersApplication application;
    private ChatClient client;

    private void start(String... properties) {
        application =
                AnswersApplication.start("http://127.0.0.1:1", List.of(AnswerLedgerTests.Counted.class), properties);
        client = application.client();
    }

    @AfterEach
    void stop() {
        application.close();
    }

    @Test
    void aCounterInTheInstructionsIsFoundOut() {
        start();
        String rules = "You are a careful assistant. ".repeat(20);
        for (int i = 0; i < 1000; i++) {
            client.prompt()
                    .system(rules + "It is second " + i)
                    .user("Why does it rain?")
                    .call()
                    .content();
        }
        assertThat(report().missReasons()).isEqualTo(Map.of("new", 1L, "system", 999L));
    }

    @Test
    void theOneFieldThatDiffersIsTheReason() {
        start();
        ask("Why?", "", null, null);
        ask("Why not?", "", null, null);
        ask("Why?", "", 0.5, null);
        ask("Why?", "", null, "other");
        client.prompt("Why?")
                .advisors(a -> a.param("tinyllm.cache.tenant", "acme"))
                .call()
                .content();
        client.prompt()
                .user("Why?")
                .system("Be brief")
                .options(ChatOptions.builder().temperature(0.1))
                .call()
                .content();
        assertThat(report().missReasons())
                .isEqualTo(Map.of("new", 2L, "user", 1L, "options", 1L, "model", 1L, "tenant", 1L));
    }

    @Test
    void theEndOfTheSameRequestsAnswerIsTheReason() {
        start("tinyllm.cache.caches.answers.time-to-live=300ms");
        ChatResponse first = ask("Why?", "ttl=3600", null, null);
        application.cache().evict(first.getMetadata().get("cache-key"));
        ask("Why?", "no-store", null, null);
        ask("Why?", "", null, null);
        assertThat(report().missReasons()).isEqualTo(Map.of("new", 1L, "evicted", 1L, "not-stored", 1L));
        Awaitility.await()
                .until(() ->
                        CachingAdvisorTests.status(ask("Why?", "", null, null)).endsWith("stored"));
        assertThat(report().missReasons()).containsEntry("expired", 1L);
    }

    @Test
    void aTestWithoutAModelLearnsWhatDiffersFromWhatWasRecorded(@TempDir Path directory) {
        String[] properties = {
            "tinyllm.cache.caches.answers.time-to-live=0",
            "tinyllm.cache.caches.answers.snapshot.enabled=true",
            "tinyllm.cache.snapshots.directory=" + directory.resolve("answers")
        };
        start(properties);
        client.prompt()
                .system("You answer in one word, always.")
                .user("The secret of Alice")
                .call()
                .content();
        application.close();
        List<String> replay = new java.util.ArrayList<>(List.of(properties));
        replay.add("tinyllm.cache.llm.mode=only-if-cached");
        start(replay.toArray(String[]::new));
        AnswerNotCachedException call = catchThrowableOfType(
                AnswerNotCachedException.class,
                () -> client.prompt()
                        .system("You answer in one word, always.")
                        .user("The secret of Bob")
                        .call()
                        .content());
        assertThat(call.differing()).containsExactly("user");
        assertThat(call)
                .hasMessageContaining("differs in: user (equal up to character 12 of 17)")
                .hasMessageNotContaining("secret")
                .hasMessageNotContaining("Bob");
        AnswerNotCachedException stream = catchThrowableOfType(
                AnswerNotCachedException.class,
                () -> client.prompt().system("You answer in one word, sometimes.").user("The secret of Alice").stream()
                        .content()
                        .blockLast());
        assertThat(stream.differing()).containsExactly("system");
        assertThatThrownBy(() -> client.prompt("Hello").call().content())
                .isInstanceOfSatisfying(
                        AnswerNotCachedException.class,
                        e -> assertThat(e.differing()).containsExactly("system", "user"));
        assertThat(application.bean(CountingModel.class).calls.get()).isZero();
    }

    @Test
    void withoutAnyAnswerTheExceptionSaysSo() {
        start("tinyllm.cache.llm.mode=only-if-cached");
        assertThatThrownBy(() -> client.prompt("Hello").call().content())
                .isInstanceOf(AnswerNotCachedException.class)
                .hasMessageContaining("No answer is known to be stored");
        assertThat(report().missReasons()).isEqualTo(Map.of("new", 1L));
        assertThat(report().models())
                .singleElement()
                .satisfies(model -> assertThat(model.misses()).isEqualTo(1));
    }

    private ChatResponse ask(String question, String control, Double temperature, String model) {
        return client.prompt(question)
                .options(ChatOptions.builder()
                        .model(model == null ? "stub-large" : model)
                        .temperature(temperature))
                .advisors(a -> a.param("tinyllm.cache.control", control))
                .call()
                .chatResponse();
    }

    private LedgerReport report() {
        return application.bean(AnswerLedgers.class).report("answers");
    }
}
