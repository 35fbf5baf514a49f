package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.LedgerFigures;
import io.tinyllm.cache.llm.ledger.LedgerReport;
import io.tinyllm.cache.metrics.ledger.LedgerMeters;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What answers have cost and saved, against a model that counts for itself. */
class AnswerLedgerTests {

    private static final BigDecimal INPUT = new BigDecimal("2.50");
    private static final BigDecimal CACHED = new BigDecimal("1.25");
    private static final BigDecimal OUTPUT = new BigDecimal("10.00");

    private AnswersApplication application;
    private CountingModel model;
    private ChatClient client;

    private void start(String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "tinyllm.cache.llm.prices.[stub-*].input=2.50",
                "tinyllm.cache.llm.prices.[stub-*].output=10.00",
                "tinyllm.cache.llm.prices.[stub-*].cached-input=1.25",
                "tinyllm.cache.llm.prices.[*].input=99"));
        all.addAll(List.of(properties));
        application =
                AnswersApplication.start("http://127.0.0.1:1", List.of(Counted.class), all.toArray(String[]::new));
        model = application.bean(CountingModel.class);
        client = application.client();
    }

    @AfterEach
    void stop() {
        if (application != null) {
            application.close();
        }
    }

    @Test
    void theLedgerEqualsAnOracleAfterTenThousandMixedCallsOfSixteenThreads() throws Exception {
        start(
                "tinyllm.cache.caches.answers.time-to-live=100ms",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h");
        Oracle spent = new Oracle();
        Oracle saved = new Oracle();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < 16; thread++) {
            Random random = new Random(thread);
            running.add(threads.submit(() -> {
                for (int i = 0; i < 625; i++) {
                    String question = "x".repeat(random.nextInt(40));
                    String status = ask("Question " + question, random);
                    boolean free = status.contains("hit") || status.contains("collapsed");
                    (free ? saved : spent).add("Question " + question);
                }
            }));
        }
        for (Future<?> each : running) {
            each.get(5, TimeUnit.MINUTES);
        }
        threads.shutdown();
        Awaitility.await()
                .until(() -> report().spent().calls() + report().background().calls() == model.calls.get());
        LedgerReport report = report();
        assertThat(spent.calls.get() + saved.calls.get()).isEqualTo(10_000);
        spent.check(report.spent());
        saved.check(report.saved());
        assertThat(saved.calls.get()).isPositive();
        assertThat(report.background().calls()).isPositive();
        Oracle all = new Oracle();
        all.calls.set(model.calls.get());
        all.input.set(model.input.get());
        all.cached.set(model.cached.get());
        all.output.set(model.output.get());
        LedgerFigures background = report.background();
        assertThat(report.spent().inputTokens() + background.inputTokens()).isEqualTo(all.input.get());
        assertThat(report.spent().cost().add(background.cost())).isEqualByComparingTo(all.cost());
        assertThat(report.net().cost())
                .isEqualByComparingTo(report.saved().cost().subtract(background.cost()));
        assertThat(report.net().calls()).isEqualTo(report.saved().calls() - background.calls());
        assertThat(report.net().seconds()).isCloseTo(report.saved().seconds() - background.seconds(), within(1e-6));
        assertThat(report.unpriced()).isZero();
        assertThat(report.models()).singleElement().satisfies(each -> {
            assertThat(each.model()).isEqualTo("stub-large");
            assertThat(each.saved()).isEqualTo(report.saved());
            assertThat(each.hits()).isLessThanOrEqualTo(report.saved().calls());
        });
    }

    private String ask(String question, Random random) {
        String control = List.of("", "", "", "", "", "no-cache", "no-store", "no-cache, no-store", "ttl=0", "max-age=0")
                .get(random.nextInt(10));
        ChatClient.ChatClientRequestSpec request =
                client.prompt(question).advisors(a -> a.param("tinyllm.cache.control", control));
        if (random.nextBoolean()) {
            return CachingAdvisorTests.status(request.call().chatResponse());
        }
        List<ChatResponse> pieces =
                request.stream().chatResponse().collectList().block();
        return CachingAdvisorTests.status(pieces.get(pieces.size() - 1));
    }

    @Test
    void tokensSecondsAndMoneyAreInTheReportAndInMeters() {
        start();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        new LedgerMeters(application.bean(AnswerLedgers.class)).bindTo(meters);
        client.prompt("Why?").call().content();
        client.prompt("Why?").call().content();
        client.prompt("Why?").stream().content().blockLast();
        LedgerReport report = report();
        assertThat(report.currency()).isEqualTo("USD");
        // 104 read, 4 of them cached: 100 x 2.50 + 4 x 1.25; 8 written: 8 x 10; for a million each.
        assertThat(report.spent().cost()).isEqualByComparingTo("0.000335");
        assertThat(report.saved().cost()).isEqualByComparingTo("0.00067");
        assertThat(report.saved().inputTokens()).isEqualTo(208);
        assertThat(report.saved().cachedInputTokens()).isEqualTo(8);
        assertThat(report.spent().outputTokens()).isEqualTo(8);
        assertThat(report.saved().seconds()).isCloseTo(2 * report.spent().seconds(), within(1e-9));
        assertThat(report.missReasons()).containsExactly(java.util.Map.entry("new", 1L));
        for (String kind : List.of("spent", "saved", "background")) {
            for (String direction : List.of("input", "cached-input", "output")) {
                meters.get("tinyllm.cache.llm.tokens")
                        .tags("cache", "answers", "model", "stub-large", "kind", kind, "direction", direction)
                        .functionCounter();
            }
        }
        assertThat(meters.get("tinyllm.cache.llm.tokens")
                        .tags("kind", "saved", "direction", "input")
                        .functionCounter()
                        .count())
                .isEqualTo(208);
        assertThat(meters.get("tinyllm.cache.llm.cost")
                        .tags("kind", "spent")
                        .functionCounter()
                        .count())
                .isCloseTo(0.000335, within(1e-12));
        assertThat(meters.get("tinyllm.cache.llm.seconds")
                        .tags("kind", "spent")
                        .functionCounter()
                        .count())
                .isPositive();
    }

    @Test
    void aModelWithoutAPriceIsCountedAndNotGuessed() {
        start();
        client.prompt("Why?").call().content();
        assertThat(report().unpriced()).isZero();
        application.close();
        application = AnswersApplication.start("http://127.0.0.1:1", List.of(Counted.class));
        client = application.client();
        client.prompt("Why?").call().content();
        client.prompt("Why?").call().content();
        assertThat(report().unpriced()).isEqualTo(2);
        assertThat(report().spent().cost()).isZero();
        assertThat(report().spent().inputTokens()).isEqualTo(104);
    }

    @Test
    void fiftyModelsAreToldApart() {
        start();
        for (int i = 0; i < 60; i++) {
            String name = "stub-" + i;
            client.prompt("Which?")
                    .options(ChatOptions.builder().model(name))
                    .call()
                    .content();
        }
        assertThat(report().models())
                .hasSize(51)
                .extracting(LedgerReport.Model::model)
                .contains("other");
        assertThat(report().spent().calls()).isEqualTo(60);
    }

    @Test
    void whenTheBackgroundHasCostItsBudgetRefreshesStop() {
        // One answer to this question costs 0.000335: two are more than the budget, one is not.
        start(
                "tinyllm.cache.llm.background-budget=0.000500/1d",
                "tinyllm.cache.caches.answers.time-to-live=20ms",
                "tinyllm.cache.caches.answers.stale-while-revalidate=1h");
        client.prompt("Why?").call().content();
        Awaitility.await().until(() -> {
            client.prompt("Why?").call().content();
            return report().background().calls() == 2;
        });
        for (int i = 0; i < 50; i++) {
            Awaitility.await()
                    .until(() -> CachingAdvisorTests.status(
                                    client.prompt("Why?").call().chatResponse())
                            .contains("ttl=-"));
        }
        assertThat(report().background().calls()).isEqualTo(2);
        assertThat(report().spent().calls()).isEqualTo(1);
        assertThat(model.calls.get()).isEqualTo(3);
        client.prompt("Another?").call().content();
        assertThat(model.calls.get()).isEqualTo(4);
    }

    private LedgerReport report() {
        return application.bean(AnswerLedgers.class).report("answers");
    }

    /** What the callers have counted. */
    private static final class Oracle {

        private final AtomicLong calls = new AtomicLong();
        private final AtomicLong input = new AtomicLong();
        private final AtomicLong cached = new AtomicLong();
        private final AtomicLong output = new AtomicLong();

        void add(String question) {
            calls.incrementAndGet();
            input.addAndGet(CountingModel.input(question));
            cached.addAndGet(CountingModel.cached(question));
            output.addAndGet(CountingModel.output(question));
        }

        BigDecimal cost() {
            BigDecimal plain = INPUT.multiply(BigDecimal.valueOf(input.get() - cached.get()));
            BigDecimal fromCache = CACHED.multiply(BigDecimal.valueOf(cached.get()));
            BigDecimal written = OUTPUT.multiply(BigDecimal.valueOf(output.get()));
            return plain.add(fromCache).add(written).movePointLeft(6);
        }

        void check(LedgerFigures figures) {
            assertThat(figures.calls()).isEqualTo(calls.get());
            assertThat(figures.inputTokens()).isEqualTo(input.get());
            assertThat(figures.cachedInputTokens()).isEqualTo(cached.get());
            assertThat(figures.outputTokens()).isEqualTo(output.get());
            assertThat(figures.cost()).isCloseTo(cost(), within(new BigDecimal("0.000001")));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Counted {

        @Bean
        CountingModel chatModel() {
            return new CountingModel();
        }
    }
}
