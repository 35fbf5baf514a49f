package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.LedgerReport;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.observation.ChatModelMeterObservationHandler;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The meters of Spring AI beside those of the cache. */
class ModelMetersTests {

    @Test
    void theTokensThatSpringAiCountsAreThoseThatWereSpent() throws Exception {
        try (ModelServer server = new ModelServer();
                AnswersApplication application = AnswersApplication.start(
                        server.url(), List.of(Meters.class), "tinyllm.cache.llm.usage-on-hit=recorded")) {
            ChatClient client = application.client();
            for (int i = 0; i < 30; i++) {
                String question = "Question " + i % 5;
                if (i % 2 == 0) {
                    client.prompt(question).call().content();
                } else {
                    client.prompt(question).stream().content().blockLast();
                }
            }
            LedgerReport report = application.bean(AnswerLedgers.class).report("answers");
            assertThat(server.calls()).isEqualTo(5);
            assertThat(report.spent().calls()).isEqualTo(5);
            assertThat(report.saved().calls()).isEqualTo(25);
            MeterRegistry meters = application.bean(MeterRegistry.class);
            assertThat(tokens(meters, "input"))
                    .isEqualTo(report.spent().inputTokens())
                    .isEqualTo(55);
            assertThat(tokens(meters, "output"))
                    .isEqualTo(report.spent().outputTokens())
                    .isEqualTo(10);
        }
    }

    private static long tokens(MeterRegistry meters, String type) {
        return (long) meters.find("gen_ai.client.token.usage").tag("gen_ai.token.type", type).counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    @Configuration(proxyBeanMethods = false)
    static class Meters {

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }

        @Bean
        ObservationRegistry observations(MeterRegistry meters) {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(new ChatModelMeterObservationHandler(meters));
            return registry;
        }
    }
}
