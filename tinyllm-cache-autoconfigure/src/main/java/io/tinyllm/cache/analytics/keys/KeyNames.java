package io.tinyllm.cache.analytics.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The names of keys outside the JVM: hashes, or the keys themselves. Thread-safe. */
public final class KeyNames {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int HASH_BYTES = 8;
    private static final int LONGEST_TEXT = 200;

    private final ShowKeys show;
    private final SecretKeySpec salt;

    /**
     * Creates names.
     * @param show how keys are shown
     * @param salt keeps hashes from being looked up in tables; not empty, and secret
     */
    public KeyNames(ShowKeys show, byte[] salt) {
        this.show = show;
        this.salt = new SecretKeySpec(salt, ALGORITHM);
    }

    /** Returns whether keys may be told at all. */
    public boolean isShown() {
        return show != ShowKeys.NEVER;
    }

    /** Returns whether keys may be told as text. */
    public boolean isPlain() {
        return show == ShowKeys.PLAIN;
    }

    /**
     * The name of a key: its text, cut short, or the first 16 hexadecimal digits of the hash of the text, a slash and
     * the length of the text.
     * @param key the key
     * @return its name, or null where keys are not told
     */
    public @Nullable String of(Object key) {
        return switch (show) {
            case NEVER -> null;
            case PLAIN -> shortened(text(key));
            case HASHED -> hashed(text(key));
        };
    }

    /**
     * Returns whether a key has a text.
     * @param text the text
     * @param key the key
     */
    public static boolean isTextOf(String text, Object key) {
        return text.equals(text(key));
    }

    private static String text(Object key) {
        try {
            return String.valueOf(key);
        } catch (RuntimeException e) {
            return key.getClass().getName();
        }
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "\u2026";
    }

    private String hashed(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(salt);
            byte[] hash = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES) + "/" + text.length();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }
}
