package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.netty.channel.ConnectTimeoutException;
import io.tinyllm.cache.remote.RemoteFailure;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

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

    /**
     * Returns why there is no connection, in a few words that show no secret.
     * @param failure what the client says
     */
    static String cause(Throwable failure) {
        String last = "no connection";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
                return "unknown host";
            }
            if (cause instanceof RedisCommandExecutionException) {
                String code = code(cause.getMessage());
                return switch (code) {
                    case "WRONGPASS" -> "wrong user name or password, WRONGPASS";
                    case "NOAUTH" -> "a password is required, NOAUTH";
                    case "NOPERM" -> "the user lacks permissions, NOPERM";
                    case "ERR" ->
                        String.valueOf(cause.getMessage()).contains("AUTH")
                                ? "wrong password, or none is wanted"
                                : "Redis answered ERR";
                    default -> "Redis answered " + code;
                };
            }
            if (cause instanceof SSLException) {
                return "TLS failed: " + cause.getClass().getSimpleName();
            }
            if (cause instanceof ConnectTimeoutException
                    || cause instanceof TimeoutException
                    || cause instanceof RedisCommandTimeoutException) {
                last = "no answer in time";
            } else if (cause instanceof ConnectException) {
                last = "connection refused";
            } else if (cause instanceof SocketException || cause instanceof ClosedChannelException) {
                last = "connection closed";
            }
        }
        return last;
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
