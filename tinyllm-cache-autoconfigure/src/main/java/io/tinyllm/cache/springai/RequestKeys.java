package io.tinyllm.cache.springai;

import io.tinyllm.cache.llm.Fingerprint;
import io.tinyllm.cache.llm.Fingerprint.Field;
import io.tinyllm.cache.llm.NoStableTextException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientAttributes;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.MessageType;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.content.Media;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;

/**
 * Makes the key of a request from everything that the model may see or be told. Left out are what says how the request
 * travels, metadata of messages, names that Spring AI makes up for media, and the ids of calls of tools, in whose place
 * the order of their appearance counts. Stateless.
 */
final class RequestKeys {

    private static final Pattern GENERATED_NAME =
            Pattern.compile("media-.*-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    /** The one property of a message that Spring AI sends to models. */
    private static final String REASONING = "reasoningContent";

    private RequestKeys() {}

    /** The key of a request, of its {@link #print fingerprint}. */
    static String key(
            ChatClientRequest request,
            @Nullable ChatOptions options,
            String identity,
            @Nullable String tenant,
            AnswerPolicy policy) {
        return print(request, options, identity, tenant, policy)
                .key(tenant, options == null ? null : options.getModel());
    }

    /**
     * The fingerprint of a request.
     * @param request the request
     * @param options the options that the model will use, null for none
     * @param identity which model it is
     * @param tenant on whose behalf, null for nobody's in particular
     * @param policy what the cache ignores
     * @throws NoStableTextException if a part of the request has no stable text
     */
    static Fingerprint print(
            ChatClientRequest request,
            @Nullable ChatOptions options,
            String identity,
            @Nullable String tenant,
            AnswerPolicy policy) {
        Fingerprint print = new Fingerprint();
        String model = options == null ? null : options.getModel();
        print.add(Field.MODEL, "model", identity);
        print.add(Field.MODEL, "model", model);
        if (options != null) {
            print.addBean(Field.OPTIONS, "options", options, new CountedOptions(policy.ignored()));
            if (options instanceof ToolCallingChatOptions calling) {
                tools(print, calling.getToolCallbacks());
            }
        }
        Map<String, ?> context = request.context();
        print.add(Field.FORMAT, "format", context.get(ChatClientAttributes.OUTPUT_FORMAT.getKey()));
        print.add(Field.FORMAT, "format", context.get(ChatClientAttributes.STRUCTURED_OUTPUT_SCHEMA.getKey()));
        print.add(Field.FORMAT, "format", context.containsKey(ChatClientAttributes.STRUCTURED_OUTPUT_NATIVE.getKey()));
        print.add(Field.TENANT, "tenant", tenant);
        messages(print, request.prompt().getInstructions());
        return print;
    }

    private static void tools(Fingerprint print, @Nullable List<ToolCallback> callbacks) {
        List<List<String>> definitions = new ArrayList<>();
        if (callbacks != null) {
            for (ToolCallback callback : callbacks) {
                ToolDefinition definition = callback.getToolDefinition();
                definitions.add(List.of(definition.name(), definition.description(), definition.inputSchema()));
            }
        }
        print.addUnordered(Field.TOOLS, "tools", definitions);
    }

    private static void messages(Fingerprint print, List<Message> messages) {
        int lastUser = messages.size() - 1;
        while (lastUser >= 0 && messages.get(lastUser).getMessageType() != MessageType.USER) {
            lastUser--;
        }
        Map<String, Integer> calls = new HashMap<>();
        int turn = 0;
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            boolean system = message.getMessageType() == MessageType.SYSTEM;
            Field field = system ? Field.SYSTEM : i == lastUser ? Field.USER : Field.HISTORY;
            // Instructions say where they stand, the others in which order they follow each other without them: who
            // adds instructions to a request changes one field and not two.
            if (system) {
                print.add(Field.SYSTEM, "system", i);
            } else {
                print.add(Field.HISTORY, "history", message.getMessageType());
                turn++;
            }
            print.add(field, "text", message.getText());
            if (message instanceof AssistantMessage assistant) {
                assistant(print, assistant, calls);
            } else if (message instanceof ToolResponseMessage responses) {
                responses(print, responses, calls);
            }
            if (message instanceof MediaContent content && !content.getMedia().isEmpty()) {
                for (Media media : content.getMedia()) {
                    media(print, turn, media);
                }
            }
            if (!isPlain(message)) {
                print.addBean(field, "message", message, property -> !property.equals("metadata"));
            }
        }
    }

    private static boolean isPlain(Message message) {
        Class<?> type = message.getClass();
        return type == UserMessage.class
                || type == SystemMessage.class
                || type == AssistantMessage.class
                || type == ToolResponseMessage.class;
    }

    private static void assistant(Fingerprint print, AssistantMessage message, Map<String, Integer> calls) {
        if (message.getMetadata().get(REASONING) instanceof String reasoning && !reasoning.isBlank()) {
            print.add(Field.HISTORY, REASONING, reasoning);
        }
        print.add(Field.HISTORY, "calls", message.getToolCalls().size());
        for (AssistantMessage.ToolCall call : message.getToolCalls()) {
            print.add(Field.HISTORY, "call", number(calls, call.id()));
            print.add(Field.HISTORY, "call", call.type());
            print.add(Field.HISTORY, "call", call.name());
            print.add(Field.HISTORY, "call", call.arguments());
        }
    }

    private static void responses(Fingerprint print, ToolResponseMessage message, Map<String, Integer> calls) {
        print.add(Field.HISTORY, "responses", message.getResponses().size());
        for (ToolResponseMessage.ToolResponse response : message.getResponses()) {
            print.add(Field.HISTORY, "response", number(calls, response.id()));
            print.add(Field.HISTORY, "response", response.name());
            print.add(Field.HISTORY, "response", response.responseData());
        }
    }

    private static int number(Map<String, Integer> calls, @Nullable String id) {
        return id == null ? -1 : calls.computeIfAbsent(id, unknown -> calls.size());
    }

    private static void media(Fingerprint print, int turn, Media media) {
        print.add(Field.MEDIA, "media", turn);
        print.add(Field.MEDIA, "media", media.getMimeType().toString());
        print.add(Field.MEDIA, "media", media.getData());
        print.add(Field.MEDIA, "media", media.getId());
        String name = media.getName();
        print.add(
                Field.MEDIA,
                "media",
                name == null || GENERATED_NAME.matcher(name).matches() ? null : name);
    }
}
