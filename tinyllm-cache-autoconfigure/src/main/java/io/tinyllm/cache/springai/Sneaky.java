package io.tinyllm.cache.springai;

/** Throws what a model has thrown, checked or not. */
final class Sneaky {

    private Sneaky() {}

    /** Throws an exception; never returns. */
    @SuppressWarnings("unchecked") // the point of it
    static <T extends Throwable> RuntimeException rethrow(Throwable failure) throws T {
        throw (T) failure;
    }
}
