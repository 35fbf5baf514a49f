package io.tinyllm.cache.core.port;

/** The work of a thread as part of an operation or a load, from entering it to {@link #close}, on that thread. */
@FunctionalInterface
public interface Scope extends AutoCloseable {

    /** The scope of what nobody follows. */
    Scope NONE = () -> {};

    @Override
    void close();
}
