package io.tinyllm.cache.core.port;

/** What a thread does as part of an operation or a load, from entering it to {@link #close}, on that thread. */
@FunctionalInterface
public interface Scope extends AutoCloseable {

    /** The scope of what nobody follows. */
    Scope NONE = () -> {};

    @Override
    void close();
}
