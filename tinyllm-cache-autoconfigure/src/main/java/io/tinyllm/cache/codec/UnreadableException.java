package io.tinyllm.cache.codec;

/** Says that stored bytes do not make a value here, by the fault that is counted. */
final class UnreadableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Fault fault;

    UnreadableException(String reason) {
        this(Fault.UNREADABLE, reason);
    }

    UnreadableException(Fault fault, String reason) {
        super(reason, null, false, false);
        this.fault = fault;
    }

    Fault fault() {
        return fault;
    }
}
