package io.tinyllm.cache.springai;

/** Thrown where no answer to a request is stored, and no model may be asked. */
public final class AnswerNotCachedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AnswerNotCachedException(String cacheName) {
        super("Cache '" + cacheName + "' has no answer to this request, and the model is not to be asked");
    }
}
