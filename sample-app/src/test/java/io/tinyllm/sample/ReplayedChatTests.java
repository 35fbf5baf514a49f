package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.springai.AnswerNotCachedException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A test that needs no model: what the model has said once is recorded in files, and replayed. Here the recording is
 * made by the test itself; an application keeps its recording beside its tests, see docs/llm-testing.md.
 */
class ReplayedChatTests {

    private static final String SYSTEM = "You are a friendly guide";

    private static String recorded;

    @TempDir
    private static Path directory;

    private ConfigurableApplicationContext application;

    @BeforeAll
    static void record() {
        try (ConfigurableApplicationContext recording = start("cache", "http://localhost:${local.server.port}")) {
            recorded = ask(recording, "Tell me of the sea");
        }
    }

    @AfterEach
    void stop() {
        if (application != null) {
            application.close();
        }
    }

    @Test
    void theAnswerIsReplayedThoughNoModelIsThere() {
        application = start("only-if-cached", "http://localhost:1");
        assertThat(recorded).isNotBlank();
        assertThat(ask(application, "Tell me of the sea")).isEqualTo(recorded);
    }

    @Test
    void aPromptThatWasChangedIsNamed() {
        application = start("only-if-cached", "http://localhost:1");
        assertThatThrownBy(() -> ask(application, "Tell me of the hills"))
                .isInstanceOfSatisfying(
                        AnswerNotCachedException.class,
                        e -> assertThat(e.differing()).containsExactly("user"));
    }

    private static ConfigurableApplicationContext start(String mode, String model) {
        return new SpringApplicationBuilder(SampleApplication.class)
                .run(
                        "--server.port=0",
                        "--sample.model.token-delay=1ms",
                        "--sample.ollama.base-url=" + model,
                        "--tinyllm.cache.llm.mode=" + mode,
                        "--tinyllm.cache.caches.answers.time-to-live=0",
                        "--tinyllm.cache.caches.answers.snapshot.enabled=true",
                        "--tinyllm.cache.snapshots.directory=" + directory.resolve("answers"));
    }

    private static String ask(ConfigurableApplicationContext application, String question) {
        ChatClient client = application.getBean(ChatClient.Builder.class).build();
        return client.prompt().system(SYSTEM).user(question).call().content();
    }
}
