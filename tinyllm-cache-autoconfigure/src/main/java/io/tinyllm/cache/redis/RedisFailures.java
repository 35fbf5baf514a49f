package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.tinyllm.cache.remote.RemoteFailure;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.util.concurrent.CompletionException;

/** Translates exceptions of the client. */
final class RedisFailures {

    private RedisFailures() {}

    static RemoteFailure of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RemoteFailure known) {
            return known;
        }
        if (cause instanceof RedisCommandExecutionException) {
            String code = code(cause.getMessage());
            // Of the message only its code: the rest may quote a key.
            return new RemoteFailure(reason(code), "Redis answered " + code);
        }
        return new RemoteFailure(Reason.CONNECTION, cause.getClass().getSimpleName());
    }

    private static String code(@org.jspecify.annotations.Nullable String message) {
        if (message == null) {
            return "ERR";
        }
        int end = message.indexOf(' ');
        return end < 0 ? message : message.substring(0, end);
    }

    private static Reason reason(String code) {
        return switch (code) {
            case "OOM" -> Reason.OOM;
            case "READONLY" -> Reason.READONLY;
            case "NOAUTH", "WRONGPASS", "NOPERM" -> Reason.DENIED;
            case "LOADING", "BUSY", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN" -> Reason.UNAVAILABLE;
            default -> Reason.ERROR;
        };
    }
}
