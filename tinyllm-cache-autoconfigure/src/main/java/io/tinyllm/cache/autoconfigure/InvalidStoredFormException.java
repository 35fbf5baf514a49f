package io.tinyllm.cache.autoconfigure;

/** Says that the {@link io.tinyllm.cache.StoredForm} beans of an application contradict each other. */
final class InvalidStoredFormException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidStoredFormException(IllegalArgumentException cause) {
        super(cause.getMessage(), cause);
    }
}
