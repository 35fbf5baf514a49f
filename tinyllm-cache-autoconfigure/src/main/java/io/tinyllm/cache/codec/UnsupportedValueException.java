package io.tinyllm.cache.codec;

/**
 * Says that a value cannot be written so that it could be read back, and so must stay in memory. It names the type and
 * never the value.
 */
public final class UnsupportedValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String type;
    private final String reason;

    UnsupportedValueException(String type, String reason) {
        super("Values of type " + type + " stay in memory: " + reason, null, false, false);
        this.type = type;
        this.reason = reason;
    }

    /** Returns the name of the value's class. */
    public String type() {
        return type;
    }

    /** Returns which part of the value has no stored form, and why. */
    public String reason() {
        return reason;
    }
}
