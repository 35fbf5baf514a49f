package io.tinyllm.cache.codec;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A key type that is made of parts which are keys themselves: how to take it apart and how to join it again. Two keys
 * must be equal exactly when their parts are. The parts may be null; the functions must be thread-safe.
 *
 * @param tag what marks the type in an encoding: upper-case letters, two at least, never changed once used
 * @param type the exact class; its subclasses are not covered
 * @param parts takes a key apart
 * @param join makes an equal key of the parts
 */
public record Composite<T>(
        String tag,
        Class<T> type,
        Function<T, List<@Nullable Object>> parts,
        Function<List<@Nullable Object>, T> join) {

    public Composite {
        if (!tag.matches("[A-Z]{2,8}")) {
            throw new IllegalArgumentException("The tag must be two to eight upper-case letters, but is " + tag);
        }
    }

    List<@Nullable Object> split(Object key) {
        return parts.apply(type.cast(key));
    }
}
