package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.springai.ModelServer.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.converter.ListOutputConverter;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.core.ParameterizedTypeReference;

/** What an application sees that asks a model through an injected client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CachingAdvisorTests {

    private ModelServer server;
    private AnswersApplication application;
    private ChatClient client;

    @BeforeAll
    void start() throws Exception {
        server = new ModelServer();
        application = AnswersApplication.start(server, "tinyllm.cache.llm.usage-on-hit=recorded");
        client = application.client();
    }

    @AfterAll
    void stop() {
        application.close();
        server.close();
    }

    @BeforeEach
    void forget() {
        application.cache().clear();
        server.says(Said.text("Hello", " world"));
    }

    @Test
    void theSameQuestionIsAskedOnce() {
        int before = server.calls();
        ChatResponse first = client.prompt("Who is there?").call().chatResponse();
        ChatResponse second = client.prompt("Who is there?").call().chatResponse();
        assertThat(server.calls()).isEqualTo(before + 1);
        assertThat(text(first)).isEqualTo("Hello world");
        assertThat(text(second)).isEqualTo("Hello world");
        assertThat(status(first)).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(status(second)).matches("tinyllm; hit; ttl=(600|59[0-9])");
        assertThat(second.getMetadata().getUsage().getTotalTokens()).isEqualTo(13);
        assertThat(second.getMetadata().getModel()).isEqualTo("tiny");
        assertThat(second.getResult().getMetadata().getFinishReason()).isEqualTo("stop");
    }

    @Test
    void theKeyOfAnAnswerIsWhatEvictTakes() {
        ChatResponse first = client.prompt("Evict me").call().chatResponse();
        String key = first.getMetadata().get("cache-key");
        assertThat(key).matches("-/tiny/[0-9a-f]{64}");
        application.cache().evict(key);
        int before = server.calls();
        client.prompt("Evict me").call().content();
        assertThat(server.calls()).isEqualTo(before + 1);
    }

    @Test
    void aStreamIsReplayedInItsPieces() {
        server.says(Said.text("a", "b", "c").thinking("hm ", "so"));
        List<ChatResponse> first = stream("Pieces?");
        int before = server.calls();
        List<ChatResponse> second = stream("Pieces?");
        assertThat(server.calls()).isEqualTo(before);
        assertThat(texts(first)).containsExactly("", "", "a", "b", "c", "");
        assertThat(texts(second)).isEqualTo(texts(first));
        assertThat(thoughts(second)).isEqualTo(thoughts(first)).containsExactly("hm ", "so");
        assertThat(status(first.get(first.size() - 1))).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(status(second.get(second.size() - 1))).startsWith("tinyllm; hit; ttl=");
        assertThat(second.subList(0, second.size() - 1)).allMatch(piece -> status(piece) == null);
        assertThat(second.get(5).getMetadata().getUsage().getTotalTokens()).isEqualTo(14);
    }

    @Test
    void aCallAfterAStreamGivesTextAndThinkingWhole() {
        server.says(Said.text("a", "b", "c").thinking("hm ", "so"));
        stream("Whole?");
        int before = server.calls();
        ChatResponse whole = client.prompt("Whole?").call().chatResponse();
        assertThat(server.calls()).isEqualTo(before);
        assertThat(text(whole)).isEqualTo("abc");
        assertThat(whole.getResult().getOutput().getMetadata()).containsEntry("thinking", "hm so");
        assertThat(whole.getResult().getMetadata().getFinishReason()).isEqualTo("stop");
    }

    @Test
    void aStreamAfterACallGivesTheAnswerInOnePiece() {
        client.prompt("One piece?").call().content();
        int before = server.calls();
        assertThat(client.prompt("One piece?").stream().content().collectList().block())
                .containsExactly("Hello world");
        assertThat(server.calls()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"length", "LENGTH", "max_tokens", "content_filter", "refusal", "safety"})
    void whatIsCutOrFilteredIsReturnedAndAskedAgain(String reason) {
        server.says(Said.text("Once upon").finishing(reason));
        askedEachTime("Tell a story");
    }

    @Test
    void anEmptyAnswerIsAskedAgain() {
        server.says(Said.text(""));
        askedEachTime("Say nothing");
    }

    @Test
    void anErrorIsAskedAgain() {
        server.says(Said.error(400));
        int before = server.calls();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> client.prompt("Fail").call().content()).hasMessageContaining("400");
        }
        assertThatThrownBy(() -> client.prompt("Fail").stream().content().blockLast())
                .isInstanceOf(RuntimeException.class);
        assertThat(server.calls()).isEqualTo(before + 4);
    }

    @Test
    void aBrokenStreamIsAskedAgain() {
        server.says(Said.text("a", "b").breaking());
        int before = server.calls();
        for (int i = 0; i < 3; i++) {
            client.prompt("Break").stream().content().onErrorComplete().blockLast();
        }
        assertThat(server.calls()).isEqualTo(before + 3);
    }

    private void askedEachTime(String question) {
        int before = server.calls();
        for (int i = 0; i < 2; i++) {
            ChatResponse called = client.prompt(question).call().chatResponse();
            assertThat(status(called)).startsWith("tinyllm; fwd=miss; detail=");
            List<ChatResponse> streamed = stream(question);
            assertThat(status(streamed.get(streamed.size() - 1))).startsWith("tinyllm; fwd=miss; detail=");
        }
        assertThat(server.calls()).isEqualTo(before + 4);
    }

    record Person(String name, int age) {}

    @Test
    void whatIsNoJsonThoughJsonWasAskedForIsAskedAgain() {
        server.says(Said.text("I would rather not"));
        int before = server.calls();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.prompt("Who?").call().entity(Person.class))
                    .isInstanceOf(RuntimeException.class);
        }
        assertThat(server.calls()).isEqualTo(before + 2);
        server.says(Said.text("```json\n{\"name\": \"Ada\", \"age\": 36}\n```"));
        for (int i = 0; i < 2; i++) {
            assertThat(client.prompt("Who?").call().entity(Person.class)).isEqualTo(new Person("Ada", 36));
        }
        assertThat(server.calls()).isEqualTo(before + 3);
    }

    @Test
    void aListIsNotExpectedToBeJson() {
        server.says(Said.text("red, green, blue"));
        int before = server.calls();
        for (int i = 0; i < 2; i++) {
            assertThat(client.prompt("Colours?").call().entity(new ListOutputConverter()))
                    .containsExactly("red", "green", "blue");
        }
        assertThat(server.calls()).isEqualTo(before + 1);
    }

    @Test
    void aToolRunsEachTimeAndTheModelIsAskedOnceARound() {
        AtomicInteger runs = new AtomicInteger();
        int[] degrees = {21};
        server.says(request -> request.path("messages").size() == 1
                ? Said.text("").calling("weather", Map.of("city", "Rome"))
                : Said.text("It is "
                        + request.path("messages").get(2).path("content").asString()));
        FunctionToolCallback<Map<String, String>, String> tool = FunctionToolCallback.builder(
                        "weather", (Map<String, String> city) -> {
                            runs.incrementAndGet();
                            return degrees[0] + " degrees";
                        })
                .description("The weather")
                .inputType(new ParameterizedTypeReference<Map<String, String>>() {})
                .build();
        int before = server.calls();
        for (int i = 0; i < 2; i++) {
            assertThat(client.prompt("Weather?").tools(tool).call().content()).contains("21 degrees");
        }
        assertThat(runs).hasValue(2);
        assertThat(server.calls()).isEqualTo(before + 2);
        degrees[0] = 30;
        assertThat(client.prompt("Weather?").tools(tool).call().content()).contains("30 degrees");
        assertThat(server.calls()).isEqualTo(before + 3);
        assertThat(client.prompt("Weather?").tools(tool).stream()
                        .content()
                        .collectList()
                        .block())
                .last()
                .asString()
                .contains("30 degrees");
        assertThat(server.calls()).isEqualTo(before + 3);
    }

    @Test
    void noCacheAsksAndStores() {
        client.prompt("Fresh?").call().content();
        server.says(Said.text("Newer"));
        ChatResponse asked = ask("Fresh?", "no-cache");
        assertThat(status(asked)).isEqualTo("tinyllm; fwd=request");
        assertThat(text(asked)).isEqualTo("Newer");
        assertThat(text(client.prompt("Fresh?").call().chatResponse())).isEqualTo("Newer");
        server.says(Said.text("Newest"));
        client.prompt("Fresh?").advisors(a -> a.param("tinyllm.cache.control", "no-cache")).stream()
                .content()
                .blockLast();
        assertThat(text(client.prompt("Fresh?").call().chatResponse())).isEqualTo("Newest");
    }

    @Test
    void noStoreReadsAndDoesNotStore() {
        ChatResponse first = ask("Secret?", "no-store");
        assertThat(status(first)).isEqualTo("tinyllm; fwd=miss");
        ChatResponse second = client.prompt("Secret?").call().chatResponse();
        assertThat(status(second)).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(status(ask("Secret?", "no-store"))).startsWith("tinyllm; hit");
        assertThat(status(ask("Secret?", "no-cache, no-store"))).isEqualTo("tinyllm; fwd=request");
    }

    @Test
    void anAnswerOlderThanMaxAgeIsAskedAgain() throws Exception {
        client.prompt("Age?").call().content();
        assertThat(status(ask("Age?", "max-age=60"))).startsWith("tinyllm; hit");
        Thread.sleep(5);
        assertThat(status(ask("Age?", "max-age=0"))).isEqualTo("tinyllm; fwd=request");
    }

    @Test
    void onlyIfCachedNeverAsks() {
        int before = server.calls();
        assertThatThrownBy(() -> ask("Known?", "only-if-cached")).isInstanceOf(AnswerNotCachedException.class);
        assertThatThrownBy(() ->
                        client
                                .prompt("Known?")
                                .advisors(a -> a.param("tinyllm.cache.control", "only-if-cached"))
                                .stream()
                                .content()
                                .blockLast())
                .isInstanceOf(AnswerNotCachedException.class);
        assertThat(server.calls()).isEqualTo(before);
        client.prompt("Known?").call().content();
        assertThat(status(ask("Known?", "only-if-cached"))).startsWith("tinyllm; hit");
    }

    @Test
    void anUnknownDirectiveIsRefusedWithThoseThatAreAllowed() {
        assertThatThrownBy(() -> ask("Hm?", "must-revalidate"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no-cache")
                .hasMessageContaining("no-store")
                .hasMessageContaining("max-age=SECONDS")
                .hasMessageContaining("ttl=SECONDS")
                .hasMessageContaining("only-if-cached");
    }

    @Test
    void tenantsDoNotShareAndCachesDoNot() {
        int before = server.calls();
        for (String tenant : List.of("acme", "umbrella", "acme")) {
            ChatResponse response = client.prompt("Mine?")
                    .advisors(a -> a.param("tinyllm.cache.tenant", tenant))
                    .call()
                    .chatResponse();
            String key = response.getMetadata().get("cache-key");
            assertThat(key).startsWith(tenant + "/tiny/");
        }
        assertThat(server.calls()).isEqualTo(before + 2);
        client.prompt("Mine?")
                .advisors(a -> a.param("tinyllm.cache.tenant", "acme").param("tinyllm.cache.name", "others"))
                .call()
                .content();
        assertThat(server.calls()).isEqualTo(before + 3);
    }

    @Test
    void aClientThatIsBuiltOtherwiseTakesTheAdvisor() {
        ChatModel model = application.bean(ChatModel.class);
        CachingAdvisor advisor = application.bean(CachingAdvisor.class);
        client.prompt("Shared?").call().content();
        int before = server.calls();
        ChatClient other = ChatClient.builder(model).defaultAdvisors(advisor).build();
        assertThat(status(other.prompt("Shared?").call().chatResponse())).startsWith("tinyllm; hit");
        ChatClient told = ChatClient.builder(model)
                .defaultAdvisors(advisor.forModel(model))
                .build();
        assertThat(status(told.prompt("Shared?").call().chatResponse())).startsWith("tinyllm; hit");
        assertThat(server.calls()).isEqualTo(before);
    }

    @Test
    void anAdvisorThatIsInAChainTwiceAnswersOnce() {
        ChatClient twice = application
                .bean(ChatClient.Builder.class)
                .defaultAdvisors(application.bean(CachingAdvisor.class))
                .build();
        int before = server.calls();
        assertThat(status(twice.prompt("Twice?").call().chatResponse())).isEqualTo("tinyllm; fwd=miss; stored");
        assertThat(status(twice.prompt("Twice?").call().chatResponse())).startsWith("tinyllm; hit");
        assertThat(twice.prompt("Twice?").stream().content().blockLast()).isEqualTo("Hello world");
        assertThat(server.calls()).isEqualTo(before + 1);
    }

    private ChatResponse ask(String question, String control) {
        return client.prompt(question)
                .advisors(a -> a.param("tinyllm.cache.control", control))
                .call()
                .chatResponse();
    }

    private List<ChatResponse> stream(String question) {
        return new ArrayList<>(
                client.prompt(question).stream().chatResponse().collectList().block());
    }

    static String text(ChatResponse response) {
        return response.getResult().getOutput().getText();
    }

    static List<String> texts(List<ChatResponse> responses) {
        return responses.stream().map(CachingAdvisorTests::text).toList();
    }

    private static List<Object> thoughts(List<ChatResponse> responses) {
        List<Object> thoughts = new ArrayList<>();
        for (ChatResponse response : responses) {
            Object thought = response.getResult().getOutput().getMetadata().get("thinking");
            if (thought != null) {
                thoughts.add(thought);
            }
        }
        return thoughts;
    }

    static String status(ChatResponse response) {
        return response.getMetadata().get("cache-status");
    }
}
