package io.tinyllm.cache.write;

/**
 * An operation that write-back has given up on until it is told to retry. It still answers reads of its key, is kept in the
 * journal, and ends when a later operation on its key takes its place.
 *
 * @param key the key
 * @param attempts how often the store has refused it
 * @param error what the store said last: the class of the exception and its message
 */
public record DeadLetter(Object key, int attempts, String error) {}
