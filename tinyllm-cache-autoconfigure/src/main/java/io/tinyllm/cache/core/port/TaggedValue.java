package io.tinyllm.cache.core.port;

import org.jspecify.annotations.Nullable;

/**
 * A value with its tags, on its way to or from the shared tier: what a value without tags is there as it stands.
 *
 * @param value the value, may be null
 * @param tags its tags
 */
public record TaggedValue(@Nullable Object value, Tagged tags) {

    /** Returns a value with its tags, the value itself where it has none. */
    public static @Nullable Object of(@Nullable Object value, @Nullable Tagged tags) {
        return tags == null ? value : new TaggedValue(value, tags);
    }

    /** Returns a value without its tags. */
    public static @Nullable Object unwrap(@Nullable Object value) {
        return value instanceof TaggedValue tagged ? tagged.value : value;
    }
}
