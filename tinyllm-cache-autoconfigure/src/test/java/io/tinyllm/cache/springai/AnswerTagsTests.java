package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;

/** Answers that bear the tags of their requests. */
class AnswerTagsTests {

    private AnswersApplication application;
    private ChatClient client;
    private CountingModel model;

    @BeforeEach
    void start() {
        start(new String[0]);
    }

    private void start(String... properties) {
        application =
                AnswersApplication.start("http://127.0.0.1:1", List.of(AnswerLedgerTests.Counted.class), properties);
        client = application.client();
        model = application.bean(CountingModel.class);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private ChatClient.ChatClientRequestSpec tagged(String question, Object tags) {
        return client.prompt(question).advisors(a -> a.param("tinyllm.cache.tags", tags));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerBearsTheTagsOfItsRequest(boolean stream) {
        CacheTags tags = application.bean(CacheTags.class);
        for (Object borne : List.of("policy-7", List.of("policy-7", "eu"))) {
            long before = model.calls.get();
            for (int i = 0; i < 2; i++) {
                ask(tagged("Tagged?", borne), stream);
                ask(client.prompt("Untagged?"), stream);
                ask(tagged("Other?", "policy-8"), stream);
            }
            long after = model.calls.get();
            assertThat(after - before).isLessThanOrEqualTo(3).isPositive();
            tags.evict("answers", "policy-7");
            ask(client.prompt("Untagged?"), stream);
            ask(tagged("Other?", "policy-8"), stream);
            assertThat(model.calls.get()).isEqualTo(after);
            ask(tagged("Tagged?", borne), stream);
            assertThat(model.calls.get()).isEqualTo(after + 1);
            tags.evict("policy-7");
        }
        ask(tagged("Tagged?", List.of("policy-7", "eu")), stream);
        long before = model.calls.get();
        tags.evict("eu");
        ask(tagged("Tagged?", "policy-7"), stream);
        assertThat(model.calls.get()).isEqualTo(before + 1);
    }

    private static void ask(ChatClient.ChatClientRequestSpec request, boolean stream) {
        if (stream) {
            request.stream().content().blockLast();
        } else {
            request.call().content();
        }
    }

    @Test
    void whatIsNoTagIsRefusedByName() {
        for (Object bad : List.of("", "x".repeat(257), 7, List.of("good", ""))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> tagged("Bad?", bad).call().content())
                    .withMessageContaining("tinyllm.cache.tags")
                    .withMessageContaining("1 to 256");
        }
        assertThat(model.calls.get()).isZero();
    }

    @Test
    void anEvictedAnswerIsNotTheNearestOfAMiss(@TempDir Path directory) {
        restart(directory);
        tagged("The secret of Alice", "people").call().content();
        client.prompt().system("Be kind").user("Anything else at all").call().content();
        restart(directory);
        AnswerNotCachedException near = missing();
        assertThat(near.differing()).containsExactly("user");
        application.bean(CacheTags.class).evict("people");
        assertThat(missing().differing()).containsExactlyInAnyOrder("system", "user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tag", "evict", "clear"})
    void aRequestWhoseAnswerWasEvictedSinceIsNotTheNearestOfAMiss(String eviction) {
        ask(client.prompt().system("Be kind").user("Anything else at all"), false);
        String key = tagged("The secret of Alice", "people")
                .call()
                .chatResponse()
                .getMetadata()
                .get("cache-key");
        assertThat(missing().differing()).containsExactly("user");
        switch (eviction) {
            case "tag" -> application.bean(CacheTags.class).evict("people");
            case "evict" -> application.cache().evict(key);
            default -> application.cache().clear();
        }
        if (eviction.equals("clear")) {
            assertThat(missing()).hasMessageContaining("No answer is known to be stored");
        } else {
            assertThat(missing().differing()).containsExactlyInAnyOrder("system", "user");
        }
        assertThat(missingOf("The secret of Alice"))
                .hasMessageContaining("One to the same request was stored, and is not held any more");
        // The reason of a miss compares requests, whatever became of their answers.
        assertThat(application.bean(AnswerLedgers.class).of("answers").report().missReasons())
                .containsEntry("user", 1L)
                .containsEntry("evicted", 1L);
        ask(tagged("The secret of Alice", "people"), false);
        assertThat(missing().differing()).containsExactly("user");
    }

    /** What was asked is not remembered, what was answered is in a snapshot. */
    private void restart(Path directory) {
        stop();
        start(
                "tinyllm.cache.caches.answers.snapshot.enabled=true",
                "tinyllm.cache.snapshots.directory=" + directory.resolve("answers"));
    }

    private AnswerNotCachedException missing() {
        return missingOf("The secret of Bob");
    }

    private AnswerNotCachedException missingOf(String question) {
        return catchThrowableOfType(
                AnswerNotCachedException.class,
                () -> client.prompt(question)
                        .advisors(a -> a.param("tinyllm.cache.control", "only-if-cached"))
                        .call()
                        .content());
    }
}
