package io.tinyllm.cache;

/**
 * The stored form of a type that has none of its own, such as one which holds a lock, a logger or a lambda. A bean of
 * the application: values of the type, wherever they occur, are written to Redis, snapshots and the journal as what
 * {@link #write} makes of them. Beans of one type stop the start. Must be thread-safe.
 *
 * @param <T> the type
 */
public interface StoredForm<T> {

    /**
     * Returns the type. Of a class its own objects have this form, of an interface or an abstract class those of all
     * that implement it and have no form of their own.
     */
    Class<T> type();

    /**
     * Returns an object that stands for the value and can be stored: a text, a map, a record, or any other that has a
     * stored form. An exception means that this value is not stored.
     *
     * @param value never null
     * @return never null, and never the value itself
     */
    Object write(T value);

    /**
     * Returns a value equal to the one that {@link #write} was given. An exception means that the entry is a miss.
     *
     * @param form equal to what {@link #write} returned
     * @return never null
     */
    T read(Object form);
}
