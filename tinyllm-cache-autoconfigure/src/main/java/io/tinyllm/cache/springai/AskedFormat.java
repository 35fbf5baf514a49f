package io.tinyllm.cache.springai;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientAttributes;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.converter.CompositeResponseTextCleaner;
import org.springframework.ai.converter.MarkdownCodeBlockCleaner;
import org.springframework.ai.converter.ResponseTextCleaner;
import org.springframework.ai.converter.ThinkingTagCleaner;
import org.springframework.ai.converter.WhitespaceCleaner;
import org.springframework.ai.model.tool.StructuredOutputChatOptions;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.util.StringUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Whether JSON was asked for, and whether an answer is JSON. Stateless. */
final class AskedFormat {

    private static final Pattern JSON = Pattern.compile("\\bjson\\b", Pattern.CASE_INSENSITIVE);

    private static final JsonFactory PARSERS = new JsonFactory();

    /** Cleans as Spring AI's converters do before they read. */
    private static final ResponseTextCleaner CLEANER = CompositeResponseTextCleaner.builder()
            .addCleaner(new WhitespaceCleaner())
            .addCleaner(new ThinkingTagCleaner())
            .addCleaner(new MarkdownCodeBlockCleaner())
            .addCleaner(new WhitespaceCleaner())
            .build();

    private AskedFormat() {}

    /**
     * Returns whether a request asks for JSON: by a schema, by an option of the model, or in the text of its format.
     */
    static boolean isJson(ChatClientRequest request, @Nullable ChatOptions options) {
        Map<String, ?> context = request.context();
        if (hasText(context.get(ChatClientAttributes.STRUCTURED_OUTPUT_SCHEMA.getKey()))) {
            return true;
        }
        Object format = context.get(ChatClientAttributes.OUTPUT_FORMAT.getKey());
        if (format instanceof String text && JSON.matcher(text).find()) {
            return true;
        }
        return options != null && isJson(options);
    }

    private static boolean isJson(ChatOptions options) {
        if (options instanceof StructuredOutputChatOptions structured && hasText(structured.getOutputSchema())) {
            return true;
        }
        try {
            BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(options);
            return says(properties, "responseFormat.type") || says(properties, "responseMimeType");
        } catch (BeansException e) {
            return false;
        }
    }

    private static boolean says(BeanWrapper properties, String name) {
        if (!properties.isReadableProperty(name)) {
            return false;
        }
        Object value = properties.getPropertyValue(name);
        return value != null && value.toString().toLowerCase(Locale.ROOT).contains("json");
    }

    private static boolean hasText(@Nullable Object value) {
        return value instanceof String text && StringUtils.hasText(text);
    }

    /** Returns whether a text is one JSON value, in a fence or not. */
    static boolean isJson(@Nullable String text) {
        String clean = CLEANER.clean(text);
        if (clean == null || clean.isEmpty()) {
            return false;
        }
        try (JsonParser parser = PARSERS.createParser(ObjectReadContext.empty(), clean)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (JacksonException e) {
            return false;
        }
    }
}
