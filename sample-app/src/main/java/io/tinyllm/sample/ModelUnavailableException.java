package io.tinyllm.sample;

/**
 * Says that the model server gave no usable answer. The next call may fare better, so this failure is not worth
 * caching.
 */
public class ModelUnavailableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ModelUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
