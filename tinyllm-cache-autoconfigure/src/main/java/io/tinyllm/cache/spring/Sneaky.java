package io.tinyllm.cache.spring;

/** Throws checked exceptions through code that does not declare them. */
final class Sneaky {

    private Sneaky() {}

    /**
     * Throws an exception as it is.
     * @return nothing; lets the caller write {@code throw}
     */
    @SuppressWarnings("unchecked") // erased
    static <T extends Throwable> RuntimeException rethrow(Throwable failure) throws T {
        throw (T) failure;
    }
}
