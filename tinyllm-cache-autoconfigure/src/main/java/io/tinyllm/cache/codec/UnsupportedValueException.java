package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/**
 * Says that a value cannot be written so that it could be read back, and so must stay in memory. It names the type and
 * never the value.
 */
public final class UnsupportedValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    UnsupportedValueException(String type, String reason) {
        this(type, reason, null);
    }

    UnsupportedValueException(String type, String reason, @Nullable Throwable cause) {
        super("Values of type " + type + " stay in memory: " + reason, cause, false, false);
        this.reason = reason;
    }

    /** Which part of the value has no stored form, and why. */
    public String reason() {
        return reason;
    }
}
