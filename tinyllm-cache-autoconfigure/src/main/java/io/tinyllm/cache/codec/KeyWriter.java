package io.tinyllm.cache.codec;

import java.io.ByteArrayOutputStream;
import java.lang.reflect.Array;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One key being written. Each part delimits itself, so no two keys share an encoding. Not thread-safe. */
final class KeyWriter {

    private static final int MAX_DEPTH = 64;

    private final KeyCodec codec;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);
    private int depth;

    KeyWriter(KeyCodec codec) {
        this.codec = codec;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    void write(@Nullable Object key) {
        if (key == null) {
            head("n", 0);
        } else if (key instanceof String text) {
            text(text);
        } else if (key instanceof byte[] bytes) {
            block("b", bytes);
        } else {
            KeyAtoms.Atom atom = KeyAtoms.ofType(key.getClass());
            if (atom != null) {
                block(atom.tag(), utf8(atom.write().apply(key)));
            } else {
                nested(key);
            }
        }
    }

    private void nested(Object key) {
        if (++depth > MAX_DEPTH) {
            throw new UnsupportedKeyException(key.getClass().getName(), "it is nested too deeply");
        }
        Class<?> type = key.getClass();
        Composite<?> composite = codec.composite(type);
        if (composite != null) {
            all(composite.tag(), composite.split(key));
        } else if (key instanceof Enum<?> constant) {
            head("E", 2);
            text(constant.getDeclaringClass().getName());
            text(constant.name());
        } else if (key instanceof List<?> list) {
            all("L", list);
        } else if (key instanceof Set<?> set) {
            sorted("S", set);
        } else if (key instanceof Map<?, ?> map) {
            map(map);
        } else if (key instanceof Optional<?> optional) {
            all("O", optional.map(List::of).orElseGet(List::of));
        } else if (type.isArray()) {
            array(key);
        } else if (type.isRecord()) {
            List<@Nullable Object> parts = RecordKeys.of(type).parts(key);
            head("R", parts.size());
            text(type.getName());
            parts.forEach(this::write);
        } else if (key instanceof Class<?> named) {
            head("C", 1);
            text(named.getName());
        } else {
            List<@Nullable Object> parts = codec.split(key);
            head("B", parts.size());
            text(type.getName());
            text(codec.shape(type));
            parts.forEach(this::write);
        }
        depth--;
    }

    private void all(String tag, Collection<? extends @Nullable Object> parts) {
        Object[] copy = parts.toArray(); // the count and the parts of one moment
        head(tag, copy.length);
        for (Object part : copy) {
            write(part);
        }
    }

    private void array(Object array) {
        int length = Array.getLength(array);
        // elements of arrays of objects carry their own types, as Arrays.deepEquals has it
        head(
                array instanceof Object[]
                        ? "A"
                        : "p" + Character.toLowerCase(array.getClass().getName().charAt(1)),
                length);
        for (int i = 0; i < length; i++) {
            write(Array.get(array, i));
        }
    }

    private void sorted(String tag, Collection<? extends @Nullable Object> parts) {
        List<byte[]> encoded = new ArrayList<>();
        for (Object part : parts) {
            encoded.add(aside(part));
        }
        encoded.sort(Arrays::compareUnsigned);
        head(tag, encoded.size());
        encoded.forEach(out::writeBytes);
    }

    private void map(Map<?, ?> map) {
        List<byte[]> encoded = new ArrayList<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            KeyWriter pair = aside();
            pair.write(entry.getKey());
            pair.write(entry.getValue());
            encoded.add(pair.bytes());
        }
        encoded.sort(Arrays::compareUnsigned);
        head("M", encoded.size());
        encoded.forEach(out::writeBytes);
    }

    private KeyWriter aside() {
        KeyWriter writer = new KeyWriter(codec);
        writer.depth = depth;
        return writer;
    }

    private byte[] aside(@Nullable Object part) {
        KeyWriter writer = aside();
        writer.write(part);
        return writer.bytes();
    }

    private void text(String text) {
        if (Utf8.isWellFormed(text)) {
            block("s", utf8(text));
        } else {
            head("u", text.length() * 2);
            for (int i = 0; i < text.length(); i++) { // the JDK's UTF-16 encoder would replace lone surrogates
                out.write(text.charAt(i) >>> 8);
                out.write(text.charAt(i));
            }
        }
    }

    private void block(String tag, byte[] bytes) {
        head(tag, bytes.length);
        out.writeBytes(bytes);
    }

    private void head(String tag, int length) {
        out.writeBytes(utf8(tag + length + ':'));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
