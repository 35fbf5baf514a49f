package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.prefetch.figures.PrefetchReport;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * What prefetching is worth to those who talk to the gateway. The model answers fast here; {@code
 * -Dconversation.token-delay=20ms} makes it as slow as the sample's, and {@code -Dconversation.rounds=10} lets them
 * talk for longer than a test should.
 */
class ConversationTests {

    private static final String TOKEN_DELAY = System.getProperty("conversation.token-delay", "1ms");
    private static final int CONVERSATIONS = 6;
    private static final int PROMPTS = 8;
    private static final int ROUNDS = Integer.getInteger("conversation.rounds", 4);

    private final HttpClient http = HttpClient.newHttpClient();

    /** What a script of prompts has cost. */
    private record Cost(long waitedNanos, long modelCalls, PrefetchReport report) {}

    @Test
    void takesMostOfTheWaitingOutOfConversationsThatAreKnown() throws Exception {
        List<String> script = new ArrayList<>();
        Random random = new Random(7);
        for (int round = 0; round < ROUNDS; round++) {
            List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5).subList(0, CONVERSATIONS));
            Collections.shuffle(order, random);
            for (int conversation : order) {
                for (int i = 0; i < PROMPTS; i++) {
                    script.add("Tell me about subject " + conversation + ", part " + i);
                }
            }
        }

        Cost without = play(script, TOKEN_DELAY, false);
        Cost with = play(script, TOKEN_DELAY, true);
        double removed = 1 - (double) with.waitedNanos() / without.waitedNanos();
        double extra = (double) with.modelCalls() / without.modelCalls() - 1;
        System.out.printf(
                Locale.ROOT,
                "conversations, %s a token: waited %.1f s without, %.1f s with, %.0f %% removed; "
                        + "model calls %d and %d (%+.1f %%); %s%n",
                TOKEN_DELAY,
                without.waitedNanos() / 1e9,
                with.waitedNanos() / 1e9,
                100 * removed,
                without.modelCalls(),
                with.modelCalls(),
                100 * extra,
                with.report());

        assertThat(with.report().useful()).isGreaterThan(script.size() / 8);
        assertThat(with.report().precision()).isGreaterThan(0.8);
    }

    @Test
    void costsAtMostOneCallOfTheModelInAHundredWherePromptsComeInNoOrder() throws Exception {
        List<String> script = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 50 * ROUNDS; i++) {
            script.add("Question " + random.nextInt(60));
        }

        Cost cost = play(script, "0ms", true);
        PrefetchReport report = cost.report();
        long inVain = report.issued() - report.useful() - report.late();
        System.out.printf(
                Locale.ROOT, "shuffled: %d model calls, %d of them in vain; %s%n", cost.modelCalls(), inVain, report);

        // Trying has a fixed price, which a short script does not dilute.
        assertThat(inVain).isLessThanOrEqualTo(Math.max(16, (cost.modelCalls() - inVain) / 100));
    }

    /** Asks one prompt after the other, of a gateway that can keep a third of what it knows. */
    private Cost play(List<String> script, String tokenDelay, boolean prefetch) throws Exception {
        try (ConfigurableApplicationContext gateway = new SpringApplication(SampleApplication.class)
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--logging.level.root=warn",
                        "--sample.model.token-delay=" + tokenDelay,
                        "--tinyllm.cache.caches.completions.memory.maximum-size=16",
                        "--tinyllm.cache.caches.completions.prefetch.enabled=true",
                        "--tinyllm.cache.caches.completions.prefetch.mode=" + (prefetch ? "act" : "observe"))) {
            long waited = 0;
            for (String prompt : script) {
                long start = System.nanoTime();
                assertThat(ask(gateway, prompt)).isEqualTo(200);
                waited += System.nanoTime() - start;
            }
            TieredCache cache = (TieredCache)
                    gateway.getBean(CacheManager.class).getCache("completions").getNativeCache();
            ControlPlane controlPlane = gateway.getBean(ControlPlane.class);
            controlPlane.catchUp();
            PrefetchReport report = Objects.requireNonNull(Objects.requireNonNull(controlPlane.tuning("completions"))
                            .prefetch())
                    .report();
            return new Cost(waited, cache.counters().loads(), report);
        }
    }

    private int ask(ConfigurableApplicationContext gateway, String prompt) throws Exception {
        int port = Objects.requireNonNull(((WebServerApplicationContext) gateway).getWebServer())
                .getPort();
        URI uri = URI.create("http://localhost:" + port + "/completions?model=tiny&prompt="
                + URLEncoder.encode(prompt, StandardCharsets.UTF_8));
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
