package io.tinyllm.cache;

import org.jspecify.annotations.Nullable;

/**
 * Says whose accesses follow each other, for prefetching: a user, a conversation, an HTTP session. Without a bean of
 * this type it is, in a web application, the HTTP session or else the user who has logged in, and where there is
 * neither the calling thread. Asked on the caller's thread at every access to a cache that prefetches: to be
 * thread-safe and fast. What it throws means null.
 */
@FunctionalInterface
public interface SessionResolver {

    /**
     * Whose access this is, by an object whose {@code hashCode} tells sessions apart; it is not kept.
     * @return the session, null where there is none: the access is then the thread's
     */
    @Nullable
    Object currentSession();
}
