package io.tinyllm.cache.llm;

/** Thrown where a part of a request has no text that is the same for equal requests, and so cannot be part of a key. */
public final class NoStableTextException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String part;

    /**
     * Creates the exception.
     * @param part names the part, such as options.extraBody
     * @param type the class of the value that has no text
     */
    NoStableTextException(String part, Class<?> type) {
        super(part + " holds a " + type.getName() + ", which has no stable text", null, false, false);
        this.part = part;
    }

    /** The name of the part, such as options.extraBody. */
    public String part() {
        return part;
    }
}
