package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.redis.RedisProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.Embedding;
import org.springframework.ai.embedding.EmbeddingModel;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.embedding.EmbeddingResponse;
import org.springframework.ai.embedding.TokenCountBatchingStrategy;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Vectors of an embedding model, text by text. */
class CachedEmbeddingsTests {

    private AnswersApplication application;
    private Vectors bean;

    private void start(String... properties) {
        List<String> all = new ArrayList<>(List.of("tinyllm.cache.llm.cache=", "tinyllm.cache.llm.embeddings=vectors"));
        all.addAll(List.of(properties));
        application = AnswersApplication.start(
                "http://127.0.0.1:1",
                List.of(Embedded.class, DataRedisAutoConfiguration.class),
                all.toArray(String[]::new));
        bean = application.bean(Vectors.class);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private static List<String> texts(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "text " + i).toList();
    }

    @Test
    void aBatchAsksOnlyForWhatIsMissingInOneCallAndKeepsTheOrder() {
        start();
        List<String> texts = texts(0, 100);
        List<String> known = new ArrayList<>(texts);
        List<String> missing = texts.stream().filter(text -> text.endsWith("7")).toList();
        known.removeAll(missing);
        bean.embed(known);
        Vectors.ASKED.clear();
        List<float[]> vectors = bean.embed(texts);
        assertThat(Vectors.ASKED).containsExactly(missing);
        assertThat(vectors).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(bits(vectors.get(i))).isEqualTo(bits(Vectors.vector("text " + i)));
        }
    }

    @Test
    void everyWayToAskIsCachedUnderTheSameKeys() {
        start();
        bean.embed("one");
        bean.embed(List.of("one", "two", "one"));
        bean.embedForResponse(List.of("two", "one"));
        bean.embed(new Document("one"));
        bean.embed(List.of(new Document("two"), new Document("three")), null, new TokenCountBatchingStrategy());
        EmbeddingResponse response = bean.call(new EmbeddingRequest(List.of("three", "one"), null));
        assertThat(response.getResults()).extracting(Embedding::getIndex).containsExactly(0, 1);
        assertThat(Vectors.ASKED).containsExactly(List.of("one"), List.of("two"), List.of("three"));
    }

    @Test
    void optionsAndTextsThatDifferDoNotShare() {
        start();
        bean.embed("one");
        bean.embed("one ");
        bean.call(new EmbeddingRequest(
                List.of("one"), EmbeddingOptions.builder().dimensions(3).build()));
        bean.call(new EmbeddingRequest(
                List.of("one"), EmbeddingOptions.builder().model("other").build()));
        assertThat(Vectors.ASKED).hasSize(4);
    }

    @Test
    void whoChangesAVectorChangesItForHimselfAlone() {
        start();
        Arrays.fill(bean.embed("mine"), 0);
        Arrays.fill(bean.embed("mine"), 0);
        assertThat(bits(bean.embed("mine"))).isEqualTo(bits(Vectors.vector("mine")));
    }

    @Test
    void aModelIsInjectedByItsClassAndFailsAsItDid() {
        start();
        assertThat(application.bean(EmbeddingModel.class))
                .isInstanceOf(Vectors.class)
                .isSameAs(bean);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> bean.embed("fail"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("as told");
            assertThatThrownBy(() -> bean.embed(List.of("a", "fail"))).hasMessage("as told");
        }
        assertThat(bean.dimensions()).isEqualTo(5);
    }

    @Test
    void vectorsAreSharedThroughRedisBitByBitAndSmallerThanNumbersInText() {
        try (RedisProcess redis = RedisProcess.start()) {
            String[] shared = {
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + redis.port(),
                "tinyllm.cache.caches.vectors.redis.enabled=true",
                "tinyllm.cache.caches.vectors.redis.timeout=5s"
            };
            start(shared);
            bean.embed(texts(0, 20));
            application.close();
            Vectors.ASKED.clear();
            start(shared);
            List<float[]> vectors = bean.embed(texts(0, 20));
            assertThat(Vectors.ASKED).isEmpty();
            for (int i = 0; i < 20; i++) {
                assertThat(bits(vectors.get(i))).isEqualTo(bits(Vectors.vector("text " + i)));
            }
            application.close();
        }
    }

    @Test
    void vectorsAreSavedInACompactForm(@TempDir Path directory) throws Exception {
        Path saved = directory.resolve("vectors");
        String[] properties = {
            "tinyllm.cache.caches.vectors.time-to-live=0",
            "tinyllm.cache.caches.vectors.snapshot.enabled=true",
            "tinyllm.cache.snapshots.directory=" + saved
        };
        start(properties);
        bean.embed("long " + "x");
        application.close();
        try (Stream<Path> files = Files.walk(saved)) {
            String text = files.filter(Files::isRegularFile)
                    .map(CachedEmbeddingsTests::read)
                    .reduce("", String::concat);
            assertThat(text).contains("\"type\":\"float[]\"").doesNotContain("3.14159");
        }
        Vectors.ASKED.clear();
        List<String> replay = new ArrayList<>(List.of(properties));
        replay.add("tinyllm.cache.llm.mode=only-if-cached");
        start(replay.toArray(String[]::new));
        assertThat(bits(bean.embed("long x"))).isEqualTo(bits(Vectors.vector("long x")));
        assertThatThrownBy(() -> bean.embed("another")).isInstanceOf(AnswerNotCachedException.class);
        assertThat(Vectors.ASKED).isEmpty();
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int[] bits(float[] vector) {
        return IntStream.range(0, vector.length)
                .map(i -> Float.floatToRawIntBits(vector[i]))
                .toArray();
    }

    /** A model that takes note of what it is asked. */
    static class Vectors implements EmbeddingModel {

        static final List<List<String>> ASKED = new CopyOnWriteArrayList<>();

        private final EmbeddingOptions options;

        Vectors(EmbeddingOptions options) {
            this.options = options;
        }

        static float[] vector(String text) {
            int hash = text.hashCode();
            return new float[] {
                Float.intBitsToFloat(0x7fc00000 | hash & 0xfff), -0.0f, (float) 3.14159, Float.MIN_VALUE, hash / 7f
            };
        }

        EmbeddingOptions defaults() {
            return options;
        }

        @Override
        public EmbeddingResponse call(EmbeddingRequest request) {
            if (request.getInstructions().contains("fail")) {
                throw new IllegalStateException("as told");
            }
            ASKED.add(request.getInstructions());
            List<Embedding> embeddings = new ArrayList<>();
            for (String text : request.getInstructions()) {
                embeddings.add(new Embedding(vector(text), embeddings.size()));
            }
            return new EmbeddingResponse(embeddings);
        }

        @Override
        public float[] embed(Document document) {
            return embed(document.getText());
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Embedded {

        @Bean
        Vectors embeddingModel() {
            Vectors.ASKED.clear();
            return new Vectors(EmbeddingOptions.builder().model("small").build());
        }
    }
}
