package io.tinyllm.cache.disk.owned;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The part of a file's name that stands for the name of a cache. */
public final class SafeName {

    private static final int LONGEST = 100;
    private static final int KEPT = 60;

    private SafeName() {}

    /**
     * A name of 1 to 130 lower-case ASCII letters, digits, {@code _ - %} and {@code ~}. Two caches never share one,
     * on file systems that ignore case neither, and none leads out of its directory.
     */
    public static String of(String cache) {
        StringBuilder encoded = new StringBuilder(cache.length() + 8);
        for (int i = 0; i < cache.length(); i++) {
            char c = cache.charAt(i);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-') {
                encoded.append(c);
            } else if (c < 0x100) {
                encoded.append('%').append(HexFormat.of().toHexDigits((byte) c));
            } else {
                encoded.append("%u").append(HexFormat.of().toHexDigits(c));
            }
        }
        if (encoded.length() == 0) {
            return "%";
        }
        return encoded.length() <= LONGEST ? encoded.toString() : encoded.substring(0, KEPT) + "~" + digest(cache);
    }

    private static String digest(String cache) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(cache.getBytes(StandardCharsets.UTF_16BE)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
