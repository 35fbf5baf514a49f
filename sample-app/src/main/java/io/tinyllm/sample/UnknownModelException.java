package io.tinyllm.sample;

/**
 * Says that the model server knows no model of that name. It will say so again, which makes this failure worth caching.
 */
public class UnknownModelException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnknownModelException(String message) {
        super(message);
    }
}
