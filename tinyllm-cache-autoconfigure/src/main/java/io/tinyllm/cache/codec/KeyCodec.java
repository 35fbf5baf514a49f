package io.tinyllm.cache.codec;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The injective encoding of keys: two keys share their bytes only if they are equal, arrays being compared by what they
 * hold. A part is a type tag, a length, a colon and that many bytes or parts, so that {@code s5:alice} is the text and
 * {@code l2:42} the {@code Long}; {@code L2:i1:1s1:1} is the list of {@code 1} and {@code "1"}. Text and numbers stay
 * readable for whoever looks into Redis.
 *
 * <p>Covered are text (lone surrogates included), the JDK's numbers and value types, {@code java.time}, enums by name,
 * arrays, lists, sets, maps, optionals and records of these, and the composites and beans it is constructed with.
 * Keys are never null, parts of keys may be. Thread-safe. The length of an encoding is unbounded; that of a short key
 * is not.
 */
public final class KeyCodec {

    /** The longest encoding, in bytes, that is its own short key. */
    public static final int SHORT = 512;

    private static final byte HASHED = '#';

    private final ValueTypes types;
    private final BeanKeys beans;
    private final Map<Class<?>, Composite<?>> compositesByType = new HashMap<>();
    private final Map<String, Composite<?>> compositesByTag = new HashMap<>();

    /**
     * @param types the classes that a key may be read back into
     * @param composites key types made of parts
     * @param beans writes any other key
     * @throws IllegalArgumentException if two composites share a tag
     */
    public KeyCodec(ValueTypes types, List<Composite<?>> composites, BeanKeys beans) {
        this.types = types;
        this.beans = beans;
        for (Composite<?> composite : composites) {
            compositesByType.put(composite.type(), composite);
            if (compositesByTag.put(composite.tag(), composite) != null) {
                throw new IllegalArgumentException("Two composites are tagged " + composite.tag());
            }
        }
    }

    /**
     * The encoding of a key, for whoever compares it with others: no class has to be allowed for that.
     *
     * @throws UnsupportedKeyException if the key, or a part of it, is of a type that has none
     */
    public byte[] encode(Object key) {
        try {
            KeyWriter writer = new KeyWriter(this);
            writer.write(key);
            return writer.bytes();
        } catch (UnsupportedKeyException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new UnsupportedKeyException(key.getClass().getName(), "reading it failed with " + e.getClass());
        }
    }

    /**
     * As {@link #encode}, for whoever has to make the key of these bytes again, in another process.
     *
     * @throws UnsupportedKeyException also if the encoding could not be read back
     */
    public byte[] encodeToRead(Object key) {
        byte[] encoded = encode(key);
        if (!(key instanceof String)) {
            Object same = decode(encoded);
            if (same == null || !Arrays.equals(encode(same), encoded)) {
                throw new UnsupportedKeyException(
                        key.getClass().getName(),
                        "it, or a part of it, may not be read back: no cached method declares its type, "
                                + "and it is neither of "
                                + "the application's packages nor listed in tinyllm.cache.redis.allowed-types");
            }
        }
        return encoded;
    }

    /** A key equal to the one of this encoding; null if the bytes are none, or name a class that is not allowed. */
    public @Nullable Object decode(byte[] encoded) {
        try {
            return new KeyReader(this, encoded).readAll();
        } catch (ReflectiveOperationException | RuntimeException | LinkageError notAKey) {
            return null;
        }
    }

    /**
     * The key to store under: the encoding itself if it is short enough, else the SHA-256 of it, in which case the full
     * encoding must be stored with the value and compared.
     *
     * @throws UnsupportedKeyException as {@link #encode}
     */
    public byte[] shortKey(Object key) {
        return shorten(encode(key));
    }

    /** The short key of an encoding, which is the encoding itself where that is short. */
    public static byte[] shorten(byte[] encoded) {
        if (encoded.length <= SHORT) {
            return encoded;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(encoded);
            return ((char) HASHED + HexFormat.of().formatHex(digest)).getBytes(StandardCharsets.US_ASCII);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** Returns whether the encoding is too long to be its own short key. */
    public static boolean isShortened(byte[] encoded) {
        return encoded.length > SHORT;
    }

    /**
     * A hash that is the same for equal keys in every process. Only for keys without an encoding, which never leave
     * this process, it rests on {@code Object.hashCode}. Never throws for an unsupported key.
     */
    public long hash64(Object key) {
        if (key instanceof String text) {
            return Hash64.of(text);
        }
        if (key instanceof Long number) {
            return Hash64.of(number, 1);
        }
        if (key instanceof Integer number) {
            return Hash64.of(number, 2);
        }
        try {
            byte[] encoded = encode(key);
            return Hash64.of(encoded, 0, encoded.length);
        } catch (UnsupportedKeyException e) {
            return Hash64.of(key.hashCode(), 3);
        }
    }

    @Nullable
    Composite<?> composite(Class<?> type) {
        return compositesByType.get(type);
    }

    @Nullable
    Composite<?> composite(String tag) {
        return compositesByTag.get(tag);
    }

    /** Takes a key of a type that is not known apart, and proves that nothing of it is lost. */
    List<@Nullable Object> split(Object key) {
        Class<?> type = key.getClass();
        List<@Nullable Object> parts = beans.split(key);
        Object copy;
        try {
            copy = beans.join(type, parts);
        } catch (RuntimeException e) {
            throw new UnsupportedKeyException(type.getName(), "it cannot be read back");
        }
        if (!copy.equals(key) || copy.hashCode() != key.hashCode()) {
            throw new UnsupportedKeyException(type.getName(), "what is read back is not equal");
        }
        return parts;
    }

    Object join(Class<?> type, List<@Nullable Object> parts) {
        return beans.join(type, parts);
    }

    String shape(Class<?> type) {
        return beans.shape(type);
    }

    Class<?> resolve(String name) throws ClassNotFoundException {
        Class<?> enumOfJdk = JdkEnums.of(name);
        Class<?> type = enumOfJdk != null ? enumOfJdk : types.resolve(name);
        if (type == null) {
            throw new ClassNotFoundException("not an allowed type");
        }
        return type;
    }
}
