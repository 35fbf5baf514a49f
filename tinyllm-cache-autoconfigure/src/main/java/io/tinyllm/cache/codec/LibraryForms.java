package io.tinyllm.cache.codec;

import java.lang.reflect.Method;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.util.LinkedCaseInsensitiveMap;
import tools.jackson.core.JsonToken;

/** The forms of the few classes of libraries whose fields do not tell what they are. Stateless. */
final class LibraryForms {

    private static final Form ROW = new Row();
    private static final String PROMPT_METADATA = "org.springframework.ai.chat.metadata.PromptMetadata";
    private static final String EMPTY = "empty " + PROMPT_METADATA;

    private LibraryForms() {}

    static @Nullable Form of(Class<?> type) {
        if (type == LinkedCaseInsensitiveMap.class) {
            return ROW;
        }
        if (type.isHidden()) {
            for (Class<?> parent : type.getInterfaces()) {
                if (parent.getName().equals(PROMPT_METADATA)) {
                    return new Empty(parent);
                }
            }
        }
        return null;
    }

    static @Nullable Form ofTag(String tag, GraphReader in) {
        return tag.equals(ROW.tag()) ? ROW : tag.equals(EMPTY) ? new Empty(in.resolve(PROMPT_METADATA)) : null;
    }

    /** A row of {@code JdbcTemplate}: names in order, which are found in upper and in lower case. */
    private static final class Row extends Form {

        Row() {
            super("LinkedCaseInsensitiveMap");
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            LinkedCaseInsensitiveMap<?> row = (LinkedCaseInsensitiveMap<?>) value;
            out.json().writeStartArray();
            out.value(row.getLocale(), Place.ANY);
            out.pairs(row.entrySet(), place);
            out.json().writeEndArray();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            in.array();
            in.json().nextToken();
            LinkedCaseInsensitiveMap<@Nullable Object> row =
                    new LinkedCaseInsensitiveMap<>((Locale) in.present(Place.ANY));
            in.made(number, row);
            in.json().nextToken();
            @Nullable Object[] parts = in.take(in.pairs(place, in.progress().keys()));
            in.endOfArray();
            for (int i = 0; i < parts.length; i += 2) {
                if (!(parts[i] instanceof String name) || row.containsKey(name)) {
                    throw new UnreadableException("no name of its own");
                }
                row.put(name, parts[i + 1]);
            }
            return row;
        }
    }

    /** The empty metadata of a prompt in Spring AI, which is a lambda. */
    private static final class Empty extends Form {

        private final Class<?> type;

        Empty(Class<?> type) {
            super(EMPTY);
            this.type = type;
        }

        @Override
        boolean isNamedByPlaces() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            if (!(value instanceof Iterable<?> prompts) || prompts.iterator().hasNext()) {
                throw new Refusal(
                        value.getClass().getName() + " is a lambda or another class that is made at run time");
            }
            out.occurs(type);
            out.json().writeNull();
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            if (in.json().currentToken() != JsonToken.VALUE_NULL) {
                throw new UnreadableException("no empty metadata");
            }
            try {
                Method empty = type.getMethod("empty");
                return empty.invoke(null);
            } catch (ReflectiveOperationException e) {
                throw new UnreadableException(Fault.CLASS_CHANGED, "no empty metadata");
            }
        }
    }
}
