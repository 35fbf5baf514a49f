package io.tinyllm.cache.codec;

/**
 * Says that keys of some type have no stable encoding, so that they can be kept in this process only. It names the type
 * and never the key, and carries no stack trace since it is met on the path of every access.
 */
public final class UnsupportedKeyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    UnsupportedKeyException(String type, String reason) {
        super("Keys of type " + type + " cannot leave this process: " + reason, null, false, false);
        this.reason = reason;
    }

    /** Which part of the key has no encoding, and why. */
    public String reason() {
        return reason;
    }
}
