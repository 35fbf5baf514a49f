package io.tinyllm.cache.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.models.messages.ThinkingConfigEnabled;
import com.anthropic.models.messages.ThinkingConfigParam;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.llm.NoStableTextException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.ai.anthropic.AnthropicCacheOptions;
import org.springframework.ai.anthropic.AnthropicChatOptions;
import org.springframework.ai.anthropic.AnthropicCitationDocument;
import org.springframework.ai.anthropic.AnthropicServiceTier;
import org.springframework.ai.anthropic.AnthropicSkill;
import org.springframework.ai.anthropic.AnthropicSkillContainer;
import org.springframework.ai.anthropic.AnthropicWebSearchTool;
import org.springframework.ai.chat.client.ChatClientAttributes;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.ollama.api.OllamaChatOptions;
import org.springframework.ai.ollama.api.ThinkOption;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.util.MimeTypeUtils;

/** Requests share a key exactly if no model can tell them apart. */
class RequestKeysTests {

    private static final Set<String> TRANSPORT = Set.of(
            "apiKey", "credential", "proxy", "timeout", "maxRetries", "streamOptions", "keepAlive", "toolContext");

    /** Counted by other means: the definitions of tools; what is made of other options. */
    private static final Set<String> OTHERWISE = Set.of("toolCallbacks", "outputSchema");

    /**
     * Every option that counts. One that appears in a new release of Spring AI fails a test here until somebody has
     * decided whether it counts, here, or is transport, in {@link CountedOptions}.
     */
    static Stream<Arguments> options() {
        return Stream.of(
                Arguments.of(
                        OllamaChatOptions.builder().model("m").build(),
                        names(
                                "f16KV format frequencyPenalty logitsAll lowVRAM mainGPU maxTokens minP "
                                        + "mirostat mirostatEta",
                                "mirostatTau model numBatch numCtx numGPU numKeep numPredict numThread penalizeNewline",
                                "presencePenalty repeatLastN repeatPenalty seed stop stopSequences temperature tfsZ",
                                "thinkOption topK topP truncate typicalP useMLock useMMap useNUMA vocabOnly")),
                Arguments.of(
                        OpenAiChatOptions.builder().model("m").build(),
                        names(
                                "baseUrl customHeaders deploymentName extraBody frequencyPenalty logitBias logprobs",
                                "maxCompletionTokens maxTokens metadata microsoftDeploymentName",
                                "microsoftFoundryServiceVersion model n organizationId outputAudio outputModalities",
                                "parallelToolCalls presencePenalty promptCacheKey reasoningEffort responseFormat seed",
                                "serviceTier stop stopSequences store strict temperature toolChoice topK "
                                        + "topLogprobs topP",
                                "user verbosity gitHubModels microsoftFoundry")),
                Arguments.of(
                        AnthropicChatOptions.builder().model("m").maxTokens(10).build(),
                        names(
                                "baseUrl cacheOptions citationDocuments customHeaders disableParallelToolUse",
                                "frequencyPenalty httpHeaders inferenceGeo maxTokens metadata model outputConfig",
                                "presencePenalty serviceTier skillContainer stopSequences temperature "
                                        + "thinking toolChoice",
                                "topK topP webSearchTool")));
    }

    private static Set<String> names(String... lines) {
        return new TreeSet<>(List.of(String.join(" ", lines).split(" ")));
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyOptionIsDecided(ChatOptions options, Set<String> counted) {
        Set<String> decided = new TreeSet<>(counted);
        decided.addAll(OTHERWISE);
        Set<String> readable = readable(options.getClass());
        Set<String> transport = new TreeSet<>(readable);
        transport.retainAll(TRANSPORT);
        decided.addAll(transport);
        assertThat(readable).isEqualTo(decided);
        assertThat(TRANSPORT).isEqualTo(CountedOptions.TRANSPORT).doesNotContainAnyElementsOf(counted);
    }

    private static Set<String> readable(Class<?> type) {
        Set<String> names = new TreeSet<>();
        for (Method method : type.getMethods()) {
            String name = method.getName();
            boolean getter = name.startsWith("get") || name.startsWith("is");
            if (getter
                    && method.getParameterCount() == 0
                    && method.getDeclaringClass() != Object.class
                    && !Modifier.isStatic(method.getModifiers())) {
                String property = name.startsWith("is") ? name.substring(2) : name.substring(3);
                names.add(Character.toLowerCase(property.charAt(0)) + property.substring(1));
            }
        }
        return names;
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyOptionThatCountsMakesAnotherKeyAndNoOtherDoes(ChatOptions options, Set<String> counted) throws Exception {
        int tried = 0;
        Set<String> keys = new HashSet<>();
        keys.add(key(options));
        for (Field field : fields(options.getClass())) {
            String name = field.getName();
            String property = name.startsWith("isM") || name.startsWith("isG")
                    ? Character.toLowerCase(name.charAt(2)) + name.substring(3)
                    : name;
            if (OTHERWISE.contains(property)) {
                continue;
            }
            field.setAccessible(true);
            Object before = field.get(options);
            int values = field.getType() == boolean.class ? 1 : 2;
            for (int i = 0; i < values; i++) {
                field.set(options, sample(property, field.getGenericType(), i, before));
                if (counted.contains(property)) {
                    assertThat(keys.add(key(options))).as(property + " " + i).isTrue();
                } else {
                    assertThat(keys).as(property).contains(key(options));
                }
                tried++;
            }
            field.set(options, before);
        }
        assertThat(tried).isGreaterThan(40);
    }

    private static List<Field> fields(Class<?> type) {
        List<Field> fields = new ArrayList<>();
        for (Class<?> level = type; level != Object.class; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.add(field);
                }
            }
        }
        return fields;
    }

    private static Object sample(String property, Type type, int i, @Nullable Object before) {
        if (type instanceof ParameterizedType parameterized) {
            Class<?> raw = (Class<?>) parameterized.getRawType();
            Type[] arguments = parameterized.getActualTypeArguments();
            return raw == Map.class
                    ? Map.of("x", sample(property, arguments[1], i, null))
                    : List.of(sample(property, arguments[0], i, null));
        }
        Class<?> raw = (Class<?>) type;
        if (raw == String.class || raw == Object.class) {
            return property + i;
        } else if (raw == Integer.class || raw == int.class) {
            return 1000 + i;
        } else if (raw == Long.class) {
            return 1000L + i;
        } else if (raw == Double.class) {
            return 0.25 + i;
        } else if (raw == Float.class) {
            return 0.25f + i;
        } else if (raw == boolean.class) {
            return !Boolean.TRUE.equals(before);
        } else if (raw == Boolean.class) {
            return i == 0;
        } else if (raw == Duration.class) {
            return Duration.ofSeconds(7 + i);
        } else if (raw.isEnum()) {
            return raw.getEnumConstants()[i];
        }
        return special(raw, i);
    }

    private static Object special(Class<?> raw, int i) {
        return switch (raw.getSimpleName()) {
            case "ThinkOption" -> i == 0 ? ThinkOption.ThinkBoolean.ENABLED : ThinkOption.ThinkLevel.HIGH;
            case "Proxy" -> new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy" + i, 80));
            case "Credential" -> com.openai.credential.BearerTokenCredential.create("secret" + i);
            case "AzureOpenAIServiceVersion" ->
                com.openai.azure.AzureOpenAIServiceVersion.fromString("2030-01-0" + (1 + i));
            case "AudioParameters" ->
                new OpenAiChatOptions.AudioParameters(
                        OpenAiChatOptions.AudioParameters.Voice.values()[i],
                        OpenAiChatOptions.AudioParameters.AudioResponseFormat.values()[0]);
            case "StreamOptions" -> new OpenAiChatOptions.StreamOptions(true, i == 0, Map.of());
            case "ResponseFormat" -> {
                OpenAiChatModel.ResponseFormat format = new OpenAiChatModel.ResponseFormat();
                format.setType(OpenAiChatModel.ResponseFormat.Type.JSON_SCHEMA);
                format.setJsonSchema("{\"type\": \"object" + i + "\"}");
                yield format;
            }
            case "AnthropicServiceTier" -> AnthropicServiceTier.values()[i];
            case "AnthropicCacheOptions" ->
                AnthropicCacheOptions.builder()
                        .multiBlockSystemCaching(i == 0)
                        .cacheToolResults(true)
                        .build();
            case "AnthropicCitationDocument" ->
                AnthropicCitationDocument.builder()
                        .plainText("text " + i)
                        .title("t")
                        .build();
            case "AnthropicSkillContainer" ->
                AnthropicSkillContainer.builder()
                        .skill(i == 0 ? AnthropicSkill.PDF : AnthropicSkill.XLSX)
                        .build();
            case "AnthropicWebSearchTool" ->
                AnthropicWebSearchTool.builder().maxUses(1 + i).build();
            case "ThinkingConfigParam" ->
                ThinkingConfigParam.ofEnabled(
                        ThinkingConfigEnabled.builder().budgetTokens(2000 + i).build());
            case "OutputConfig" ->
                com.anthropic.models.messages.OutputConfig.builder()
                        .effort(
                                i == 0
                                        ? com.anthropic.models.messages.OutputConfig.Effort.LOW
                                        : com.anthropic.models.messages.OutputConfig.Effort.HIGH)
                        .build();
            case "Metadata" ->
                com.anthropic.models.messages.Metadata.builder()
                        .userId("user" + i)
                        .build();
            case "ToolChoice" ->
                com.anthropic.models.messages.ToolChoice.ofTool(com.anthropic.models.messages.ToolChoiceTool.builder()
                        .name("tool" + i)
                        .build());
            default -> throw new IllegalArgumentException("No sample of " + raw.getName());
        };
    }

    /** Ten thousand requests, each of which differs from all others in one thing. */
    @Test
    void requestsThatDifferInOneThingDoNotShareAKey() {
        Set<String> keys = new HashSet<>();
        List<Consumer<Request>> changes = new ArrayList<>();
        for (int i = 0; i < 625; i++) {
            int n = i;
            changes.add(r -> r.messages.set(3, new UserMessage("question " + n)));
            changes.add(r -> r.messages.set(0, new SystemMessage("Be kind " + n)));
            changes.add(r -> r.messages.set(2, assistant("earlier " + n, "a", "f", "{}")));
            changes.add(r -> r.messages.set(2, assistant("earlier", "a", "f" + n, "{}")));
            changes.add(r -> r.messages.set(2, assistant("earlier", "a", "f", "{\"x\": " + n + "}")));
            changes.add(r -> r.messages.add(3, response("a", "f", "result " + n)));
            changes.add(r -> r.messages.add(3, response("a", "f" + n, "result")));
            changes.add(r -> r.messages.set(3, picture(new byte[] {1, (byte) n, (byte) (n >> 8)}, null)));
            changes.add(r -> r.messages.set(3, picture(new byte[] {1}, "photo " + n)));
            changes.add(r -> r.context.put(ChatClientAttributes.OUTPUT_FORMAT.getKey(), "format " + n));
            changes.add(r -> r.context.put(ChatClientAttributes.STRUCTURED_OUTPUT_SCHEMA.getKey(), "schema " + n));
            changes.add(r -> r.tools.add(tool("tool" + n, "does", "{}")));
            changes.add(r -> r.tools.add(tool("tool", "does " + n, "{}")));
            changes.add(r -> r.tools.add(tool("tool", "does", "{\"n\": " + n + "}")));
            changes.add(r -> r.tenant = "tenant " + n);
            changes.add(r -> r.identity = "model#bean" + n);
        }
        for (Consumer<Request> change : changes) {
            Request request = new Request();
            change.accept(request);
            assertThat(keys.add(request.key())).isTrue();
        }
        assertThat(keys).hasSize(10_000);
        Request swapped = new Request();
        Collections.swap(swapped.messages, 1, 3);
        assertThat(keys.add(swapped.key())).isTrue();
        Request otherRole = new Request();
        otherRole.messages.set(1, new AssistantMessage("Who are you?"));
        assertThat(keys.add(otherRole.key())).isTrue();
    }

    /** A thousand requests that differ from one another in nothing that a model sees. */
    @Test
    void requestsThatDifferInWhatDoesNotCountShareAKey() {
        Random random = new Random(7);
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            int n = i;
            Request request = new Request();
            String call = UUID.randomUUID().toString();
            request.messages.set(2, assistant("earlier", call, "f", "{}"));
            request.messages.add(3, response(call, "f", "result"));
            UserMessage user = UserMessage.builder()
                    .text("And why?")
                    .metadata(Map.of("trace", "trace " + i))
                    .media(new Media(
                            MimeTypeUtils.IMAGE_PNG,
                            new org.springframework.core.io.ByteArrayResource(new byte[] {1, 2, 3})))
                    .build();
            request.messages.set(4, user);
            request.tools.addAll(List.of(tool("a", "does", "{}"), tool("b", "does", "{}"), tool("c", "does", "{}")));
            Collections.shuffle(request.tools, random);
            request.options = tools -> OllamaChatOptions.builder()
                    .model("tiny")
                    .keepAlive(n + "m")
                    .toolCallbacks(tools)
                    .toolContext(Map.of("user", "user " + n))
                    .build();
            keys.add(request.key());
        }
        assertThat(keys).hasSize(1);
        Set<String> open = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            Map<String, String> headers = new LinkedHashMap<>();
            headers.put("OpenAI-Beta", "on");
            headers.put("Authorization", "Bearer " + i);
            headers.put("API-Key", "key " + i);
            open.add(key(OpenAiChatOptions.builder()
                    .model("m")
                    .apiKey("secret " + i)
                    .timeout(Duration.ofSeconds(1 + i))
                    .maxRetries(i)
                    .customHeaders(headers)
                    .build()));
        }
        assertThat(open).hasSize(1);
        assertThat(open)
                .doesNotContain(key(OpenAiChatOptions.builder()
                        .model("m")
                        .customHeaders(Map.of("OpenAI-Beta", "off"))
                        .build()));
    }

    @Test
    void aKeyIsTheSameInEveryProcess() {
        assertThat(new Request().key())
                .isEqualTo("-/tiny/4853a1dae899bf0423a91f7ca6d063baae74c50615210657af5ccd977c5694f3");
    }

    @Test
    void whatIsIgnoredDoesNotCount() {
        CacheSettings settings = new CacheSettings();
        settings.getLlm().setIgnore(List.of("seed", "num-thread"));
        AnswerPolicy policy = AnswerPolicy.of(settings);
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            OllamaChatOptions options =
                    OllamaChatOptions.builder().model("m").seed(i).numThread(i).build();
            keys.add(RequestKeys.key(request(options), options, "model", null, policy));
        }
        assertThat(keys).hasSize(1);
    }

    @Test
    void whatHasNoStableTextIsRefusedByName() {
        for (Object odd : List.of(new Object(), (Runnable) () -> {}, Stream.of(1), new Opaque())) {
            OpenAiChatOptions options = OpenAiChatOptions.builder()
                    .model("m")
                    .extraBody(Map.of("odd", odd))
                    .build();
            assertThatThrownBy(() -> key(options))
                    .isInstanceOf(NoStableTextException.class)
                    .hasMessageContaining("options.extraBody.odd");
        }
    }

    @Test
    void beansCountByWhatTheyHoldAndNotByTheirFunctions() {
        Set<String> same = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            int n = i;
            same.add(key(AnthropicChatOptions.builder()
                    .model("m")
                    .maxTokens(1)
                    .cacheOptions(AnthropicCacheOptions.builder()
                            .contentLengthFunction(text -> n)
                            .build())
                    .build()));
        }
        assertThat(same).hasSize(1);
        Set<String> different = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            different.add(key(OpenAiChatOptions.builder()
                    .model("m")
                    .extraBody(Map.of("bean", new Half(i, "seen")))
                    .build()));
        }
        assertThat(different).hasSize(3);
    }

    @Test
    void reasoningThatIsSentBackToAModelCounts() {
        Request plain = new Request();
        Request reasoned = new Request();
        reasoned.messages.set(
                2,
                AssistantMessage.builder()
                        .content("earlier")
                        .properties(Map.of("reasoningContent", "because"))
                        .build());
        plain.messages.set(2, new AssistantMessage("earlier"));
        assertThat(plain.key()).isNotEqualTo(reasoned.key());
    }

    private static String key(ChatOptions options) {
        return RequestKeys.key(request(options), options, "model", null, AnswerPolicy.of(new CacheSettings()));
    }

    private static ChatClientRequest request(ChatOptions options) {
        return new ChatClientRequest(new Prompt("Why?", options), new HashMap<>());
    }

    private static AssistantMessage assistant(String text, String id, String name, String arguments) {
        return AssistantMessage.builder()
                .content(text)
                .toolCalls(List.of(new AssistantMessage.ToolCall(id, "function", name, arguments)))
                .build();
    }

    private static ToolResponseMessage response(String id, String name, String data) {
        return ToolResponseMessage.builder()
                .responses(List.of(new ToolResponseMessage.ToolResponse(id, name, data)))
                .build();
    }

    private static UserMessage picture(byte[] data, @Nullable String name) {
        Media.Builder media = Media.builder().mimeType(MimeTypeUtils.IMAGE_PNG).data(data);
        if (name != null) {
            media.name(name);
        }
        return UserMessage.builder().text("What is it?").media(media.build()).build();
    }

    private static ToolCallback tool(String name, String description, String schema) {
        ToolDefinition definition = ToolDefinition.builder()
                .name(name)
                .description(description)
                .inputSchema(schema)
                .build();
        return new ToolCallback() {

            @Override
            public ToolDefinition getToolDefinition() {
                return definition;
            }

            @Override
            public String call(String input) {
                return "";
            }
        };
    }

    /** A request of some rounds. */
    private static final class Request {

        private final List<Message> messages = new ArrayList<>(List.of(
                new SystemMessage("Be kind"),
                new UserMessage("Who are you?"),
                new AssistantMessage("Nobody"),
                new UserMessage("And why?")));
        private final Map<String, @Nullable Object> context = new HashMap<>();
        private final List<ToolCallback> tools = new ArrayList<>();
        private java.util.function.Function<List<ToolCallback>, ToolCallingChatOptions> options =
                callbacks -> OllamaChatOptions.builder()
                        .model("tiny")
                        .toolCallbacks(callbacks)
                        .build();
        private @Nullable String tenant;
        private String identity = "model";

        String key() {
            ToolCallingChatOptions made = options.apply(tools);
            ChatClientRequest request = new ChatClientRequest(new Prompt(messages, made), context);
            return RequestKeys.key(request, made, identity, tenant, AnswerPolicy.of(new CacheSettings()));
        }
    }

    /** Hides half of what it holds. */
    static final class Half {

        private final int hidden;
        private final String seen;

        Half(int hidden, String seen) {
            this.hidden = hidden;
            this.seen = seen;
        }

        public String getSeen() {
            return seen;
        }

        @Override
        public String toString() {
            return "Half " + seen + (hidden < 0 ? "!" : "");
        }
    }

    /** Holds nothing that tells one from another. */
    static final class Opaque {}
}
