package io.tinyllm.cache.benchmarks.llm;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheLlmAutoConfiguration;
import io.tinyllm.cache.springai.CachingAdvisor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.metadata.ChatGenerationMetadata;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Times a hit through a {@link ChatClient}, prompt of 4 KB, key included, beside the same client on a model that
 * answers at once, by turns.
 */
public final class AnswerHits {

    private static final int CALLS = 2000;
    private static final String PROMPT = "Why does it rain in the mountains? ".repeat(117);

    private AnswerHits() {}

    /** Arguments: rounds, 20 unless given. */
    public static void main(String[] args) {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 20;
        SpringApplication application = new SpringApplication(Stubbed.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        try (ConfigurableApplicationContext context =
                application.run("--tinyllm.cache.llm.cache=answers", "--spring.main.banner-mode=off")) {
            ChatModel model = context.getBean(ChatModel.class);
            ChatClient plain = ChatClient.create(model);
            ChatClient cached = ChatClient.builder(model)
                    .defaultAdvisors(context.getBean(CachingAdvisor.class))
                    .build();
            check(cached);
            List<Double> costs = new ArrayList<>();
            for (int round = -rounds / 2; round < rounds; round++) {
                double without = micros(plain);
                double with = micros(cached);
                if (round >= 0) {
                    costs.add(with - without);
                    System.out.printf(
                            Locale.ROOT, "stub %.1f us, hit %.1f us, more %.1f us%n", without, with, with - without);
                }
            }
            double[] sorted = costs.stream().mapToDouble(cost -> cost).sorted().toArray();
            System.out.printf(
                    Locale.ROOT,
                    "a hit costs %.1f us more (median of %d rounds of %d calls, %.1f to %.1f)%n",
                    sorted[sorted.length / 2],
                    rounds,
                    CALLS,
                    sorted[0],
                    sorted[sorted.length - 1]);
        }
    }

    private static void check(ChatClient cached) {
        cached.prompt(PROMPT).call().content();
        ChatResponse hit = cached.prompt(PROMPT).call().chatResponse();
        String status = hit == null ? "" : String.valueOf(hit.getMetadata().<Object>get("cache-status"));
        if (!status.startsWith("tinyllm; hit")) {
            throw new IllegalStateException("No hit but " + status);
        }
    }

    /** The median time of one call. */
    private static double micros(ChatClient client) {
        long[] nanos = new long[CALLS];
        for (int i = 0; i < CALLS; i++) {
            long began = System.nanoTime();
            client.prompt(PROMPT).call().content();
            nanos[i] = System.nanoTime() - began;
        }
        Arrays.sort(nanos);
        return nanos[CALLS / 2] / 1000.0;
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({TinyLlmCacheAutoConfiguration.class, TinyLlmCacheLlmAutoConfiguration.class})
    static class Stubbed {

        @Bean
        ChatModel model() {
            ChatResponse answer = new ChatResponse(List.of(new Generation(
                    new AssistantMessage("Because the air rises, cools, and lets go of its water. ".repeat(10)),
                    ChatGenerationMetadata.builder().finishReason("stop").build())));
            ChatOptions options = OllamaChatOptions.builder()
                    .model("stub")
                    .temperature(0.2)
                    .numCtx(8192)
                    .build();
            return new ChatModel() {

                @Override
                public ChatResponse call(Prompt prompt) {
                    return answer;
                }

                @Override
                public ChatOptions getOptions() {
                    return options;
                }
            };
        }
    }
}
