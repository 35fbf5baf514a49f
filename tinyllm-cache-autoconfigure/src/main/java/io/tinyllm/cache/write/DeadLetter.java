package io.tinyllm.cache.write;

/**
 * An operation that write-back has given up on until it is told to retry. It is kept in the journal, through
 * restarts, and ends when a later operation on its key takes its place. One that the store refuses still answers
 * reads of its key.
 *
 * @param key the key; a text that describes it where it cannot be read
 * @param type the class of the value; empty for a deletion
 * @param attempts how often it was tried
 * @param error what was thrown last: the class of the exception and its message
 * @param reason {@link #REFUSED}, {@link #VALUE_UNREADABLE} or {@link #KEY_UNREADABLE}
 */
public record DeadLetter(Object key, String type, int attempts, String error, String reason) {

    /** The store has refused it. */
    public static final String REFUSED = "refused";

    /** The value cannot be read from the journal: its class has changed, or is gone. */
    public static final String VALUE_UNREADABLE = "value-unreadable";

    /** The key cannot be read from the journal. */
    public static final String KEY_UNREADABLE = "key-unreadable";
}
