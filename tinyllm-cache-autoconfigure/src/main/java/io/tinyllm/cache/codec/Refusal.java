package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/** Says that some part of a value has no stored form, where it stands and why; never what it holds. Not thread-safe. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int LONGEST_PATH = 300;
    private static final String PART = "[]";

    private final String reason;
    private String path = "";
    private @Nullable Class<?> root;

    Refusal(String reason) {
        super(null, null, false, false);
        this.reason = reason;
    }

    /**
     * The refusal that stands for any failure of writing: its own words if it is a refusal, else the name of its class
     * alone.
     */
    static Refusal of(RuntimeException failure) {
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        if (failure instanceof tools.jackson.core.exc.StreamConstraintsException) {
            return new Refusal("it is nested too deeply");
        }
        if (failure instanceof java.util.ConcurrentModificationException) {
            return new Refusal("it was changed while it was written");
        }
        return new Refusal("writing it fails with " + failure.getClass().getName());
    }

    /** Adds where it happened, from the inside to the outside: the step within an object of this class. */
    Refusal at(Class<?> owner, String step) {
        if (path.length() < LONGEST_PATH) {
            path = step + path;
            root = owner;
        }
        return this;
    }

    /** Adds that it happened among the parts of a container. */
    Refusal amongParts() {
        if (path.length() < LONGEST_PATH) {
            path = PART + path;
        }
        return this;
    }

    /** Where, as far as objects of classes lead there, and why. */
    String reason() {
        String place = path;
        while (place.startsWith(PART)) {
            place = place.substring(PART.length());
        }
        return root == null ? reason : root.getName() + place + ": " + reason;
    }
}
