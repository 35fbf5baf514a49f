package io.tinyllm.cache.llm;

/** Which properties of a bean count in a fingerprint. */
public interface Selection {

    /** All of them. */
    Selection ALL = property -> true;

    /**
     * Returns whether a property counts.
     * @param property its name
     */
    boolean counts(String property);

    /**
     * Returns the part of the value of a property that counts.
     * @param property its name
     * @param value its value
     */
    default Object counted(String property, Object value) {
        return value;
    }
}
