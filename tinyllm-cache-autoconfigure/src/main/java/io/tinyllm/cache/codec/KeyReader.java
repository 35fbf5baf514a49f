package io.tinyllm.cache.codec;

import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One encoded key being read. Any of its methods may throw on bytes that are no key. Not thread-safe. */
final class KeyReader {

    private static final int MAX_DEPTH = 64;
    private static final Map<String, Class<?>> PRIMITIVES = Map.of(
            "pz",
            boolean.class,
            "pc",
            char.class,
            "ps",
            short.class,
            "pi",
            int.class,
            "pj",
            long.class,
            "pf",
            float.class,
            "pd",
            double.class);

    private final KeyCodec codec;
    private final byte[] bytes;
    private final Progress progress = new Progress(IllegalArgumentException::new);
    private int position;
    private int depth;

    KeyReader(KeyCodec codec, byte[] bytes) {
        this.codec = codec;
        this.bytes = bytes;
    }

    Object readAll() throws ReflectiveOperationException {
        Object key = read();
        if (key == null || position != bytes.length) {
            throw new IllegalArgumentException("not one key");
        }
        return key;
    }

    private @Nullable Object read() throws ReflectiveOperationException {
        progress.value();
        if (++depth > MAX_DEPTH + 1) {
            throw new IllegalArgumentException("nested too deeply");
        }
        String tag = tag();
        int length = length();
        Object key = read(tag, length);
        depth--;
        return key;
    }

    private @Nullable Object read(String tag, int length) throws ReflectiveOperationException {
        switch (tag) {
            case "n":
                return null;
            case "s":
                return text(length);
            case "u":
                return utf16(length);
            case "b":
                return block(length);
            case "E":
                return constant(type(), (String) notNull(read()));
            case "L":
                return Collections.unmodifiableList(parts(length));
            case "S":
                return set(length);
            case "M":
                return map(length);
            case "O":
                return length == 0 ? Optional.empty() : Optional.of(notNull(read()));
            case "A":
                return parts(length).toArray();
            case "R":
                RecordKeys record = RecordKeys.of(type());
                if (record.size() != length) {
                    throw new IllegalArgumentException("the record has changed");
                }
                return record.join(parts(length));
            case "C":
                return type();
            case "B":
                Class<?> type = type();
                if (!codec.shape(type).equals(read())) {
                    throw new IllegalArgumentException("the class has changed");
                }
                return codec.join(type, parts(length));
            default:
                return other(tag, length);
        }
    }

    private Object other(String tag, int length) throws ReflectiveOperationException {
        KeyAtoms.Atom atom = KeyAtoms.ofTag(tag);
        if (atom != null) {
            return atom.read().apply(text(length));
        }
        Class<?> primitive = PRIMITIVES.get(tag);
        if (primitive != null) {
            List<@Nullable Object> parts = parts(length);
            Object array = Array.newInstance(primitive, length);
            for (int i = 0; i < length; i++) {
                Array.set(array, i, notNull(parts.get(i)));
            }
            return array;
        }
        return notNull(codec.composite(tag)).join().apply(parts(length));
    }

    private Set<@Nullable Object> set(int length) throws ReflectiveOperationException {
        Progress.Keys known = progress.keys();
        known.begin();
        List<@Nullable Object> parts = parts(length);
        known.end();
        HashCost.charge(progress, known, parts.toArray(), 0);
        return Collections.unmodifiableSet(new LinkedHashSet<>(parts));
    }

    private Map<@Nullable Object, @Nullable Object> map(int length) throws ReflectiveOperationException {
        requireBytes(length);
        Progress.Keys known = progress.keys();
        @Nullable Object[] keys = new @Nullable Object[length];
        @Nullable Object[] values = new @Nullable Object[length];
        for (int i = 0; i < length; i++) {
            known.begin();
            keys[i] = read();
            known.end();
            values[i] = read();
        }
        HashCost.charge(progress, known, keys, 0);
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < length; i++) {
            map.put(keys[i], values[i]);
        }
        return Collections.unmodifiableMap(map);
    }

    private List<@Nullable Object> parts(int length) throws ReflectiveOperationException {
        requireBytes(length);
        List<@Nullable Object> parts = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            parts.add(read());
        }
        return parts;
    }

    private void requireBytes(int parts) {
        if (parts > (bytes.length - position) / 3) { // no part is shorter than "n0:"
            throw new IllegalArgumentException("more parts than bytes");
        }
    }

    private Class<?> type() throws ReflectiveOperationException {
        return codec.resolve((String) notNull(read()));
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class<?> type, String name) {
        return Enum.valueOf((Class) type.asSubclass(Enum.class), name);
    }

    private String tag() {
        int start = position;
        while (Character.isLetter((char) bytes[position])) {
            position++;
        }
        return new String(bytes, start, position - start, StandardCharsets.ISO_8859_1);
    }

    private int length() {
        int length = 0;
        for (; bytes[position] != ':'; position++) {
            int digit = bytes[position] - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException("not a length");
            }
            length = Math.addExact(Math.multiplyExact(length, 10), digit);
        }
        position++;
        return length;
    }

    private String text(int length) {
        return new String(block(length), StandardCharsets.UTF_8);
    }

    private String utf16(int length) {
        byte[] block = block(length);
        char[] chars = new char[length / 2];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = (char) ((block[2 * i] & 0xFF) << 8 | block[2 * i + 1] & 0xFF);
        }
        return new String(chars);
    }

    private byte[] block(int length) {
        if (length > bytes.length - position) {
            throw new IllegalArgumentException("longer than the key");
        }
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    private static <T> T notNull(@Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("null where there is none");
        }
        return value;
    }
}
