package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.tinyllm.cache.remote.RemoteFailure;
import io.tinyllm.cache.remote.RemoteFailure.Reason;
import io.tinyllm.cache.remote.Timeouts;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The connection that commands are sent over, while there is one. In a cluster it is one to each node. Thread-safe;
 * nothing blocks. Futures fail with {@link RemoteFailure}.
 */
final class CurrentConnection {

    private static final int SILENT_PROBES = 10;

    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A master of a cluster that is silent for so many beats is taken for gone. */
    private static final int SILENT_BEATS = 3;

    private static final String RUN_ID = "run_id:";
    private static final long SEARCH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_SEARCH_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final RemoteFailure DISCONNECTED = new RemoteFailure(Reason.DISCONNECTED, "No connection to Redis");

    private final ServerClock clock;
    private final LongSupplier ticker;
    private final ScheduledExecutorService timer;

    /** The connection to each server, with the number of beats that it has not answered. */
    private final Map<StatefulRedisConnection<byte[], byte[]>, AtomicInteger> nodes = new ConcurrentHashMap<>();

    private volatile @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands;
    private volatile boolean tracking;
    private volatile int silent;
    private @Nullable Long searchedNanos;
    private long searchPauseNanos = SEARCH_NANOS;

    /**
     * Creates a connection that is closed.
     * @param clock learns the time of the server
     * @param ticker the monotonic time in nanoseconds
     * @param timer gives up probes
     */
    CurrentConnection(ServerClock clock, LongSupplier ticker, ScheduledExecutorService timer) {
        this.timer = timer;
        this.clock = clock;
        this.ticker = ticker;
    }

    /** Sends a command. */
    @FunctionalInterface
    interface Command<T> {

        CompletionStage<T> send(RedisClusterAsyncCommands<byte[], byte[]> commands);
    }

    // ------------------------------------------------------------------------------------------------------------
    // state

    /** Takes note of a connection to one server, which is dropped with the others. */
    void add(StatefulRedisConnection<byte[], byte[]> node) {
        nodes.computeIfAbsent(node, unknown -> new AtomicInteger()).set(0);
    }

    /** Makes commands take a connection from now on; says whether the server tells of changes over it. */
    void use(RedisClusterAsyncCommands<byte[], byte[]> opened, boolean tracked) {
        silent = 0;
        tracking = tracked;
        commands = opened;
    }

    /** Makes commands fail from now on. */
    void lose() {
        commands = null;
    }

    /** Returns what to send commands by; null while there is no connection. */
    @Nullable
    RedisClusterAsyncCommands<byte[], byte[]> commands() {
        return commands;
    }

    boolean isOpen() {
        return commands != null;
    }

    /** Returns whether the server tells of changes over the connection that there is, or was last. */
    boolean isTracking() {
        return tracking;
    }

    // ---------------------------------------------------------------------------------------------------------
    // commands

    /** Sends a command, if there is a connection. */
    <T> CompletableFuture<T> send(Command<T> command) {
        RedisClusterAsyncCommands<byte[], byte[]> current = commands;
        return current == null ? disconnected() : send(current, command);
    }

    /** Sends a command over a connection that is not used yet. */
    <T> CompletableFuture<T> send(RedisClusterAsyncCommands<byte[], byte[]> over, Command<T> command) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        command.send(over).whenComplete((reply, failure) -> {
            if (failure == null) {
                answer.complete(reply);
            } else {
                RemoteFailure cause = RedisFailures.of(failure);
                if (cause.reason() == Reason.READONLY) {
                    distrust();
                }
                answer.completeExceptionally(cause);
            }
        });
        return answer;
    }

    static <T> CompletableFuture<T> disconnected() {
        return CompletableFuture.failedFuture(DISCONNECTED);
    }

    // --------------------------------------------------------------------------------------------------- signs of life

    /**
     * Asks the server for its time, which is also a sign of life; drops the connection where none has come for long.
     */
    CompletableFuture<?> probe() {
        RedisClusterAsyncCommands<byte[], byte[]> current = commands;
        if (current == null) {
            return disconnected();
        }
        return Timeouts.limit(askTime(current), timer, PROBE_NANOS).whenComplete((done, failure) -> {
            if (failure == null) {
                silent = 0;
            } else if (++silent >= SILENT_PROBES) {
                silent = 0;
                reconnect();
            }
        });
    }

    CompletableFuture<?> askTime(RedisClusterAsyncCommands<byte[], byte[]> on) {
        long asked = ticker.getAsLong();
        return on.time().toCompletableFuture().handle((time, failure) -> {
            if (failure == null) {
                clock.sample(number(time.get(0)) * 1000 + number(time.get(1)) / 1000, asked);
            } else if (!(failure instanceof RedisCommandExecutionException)) {
                throw new CompletionException(failure);
            }
            return null;
        });
    }

    private static long number(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
    }

    /**
     * Asks every server of a cluster for a sign of life, by which connections also stay in use, and drops those that
     * have not answered for some time.
     */
    void beat() {
        nodes.forEach((node, silence) -> {
            if (!node.isOpen()) {
                return;
            }
            if (silence.incrementAndGet() > SILENT_BEATS) {
                silence.set(0);
                LettuceInternals.drop(node);
                return;
            }
            node.async().ping().thenRun(() -> silence.set(0));
        });
    }

    /** Returns what a server calls itself since it was started; what cannot be told is another each time. */
    CompletableFuture<String> serverId(RedisClusterAsyncCommands<byte[], byte[]> over) {
        return over.info("server").toCompletableFuture().handle((info, failure) -> {
            String text = failure == null ? info : "";
            int start = text.indexOf(RUN_ID);
            int end = start < 0 ? -1 : text.indexOf('\r', start);
            return end < 0 ? UUID.randomUUID().toString() : text.substring(start, end);
        });
    }

    /**
     * Looks for another server, or for this one anew, where it takes no writes or its answers belong to other
     * questions: after a failover a new connection finds the right one. Looks ever less often.
     */
    void distrust() {
        synchronized (this) {
            long now = ticker.getAsLong();
            if (searchedNanos != null && now - searchedNanos < searchPauseNanos) {
                return;
            }
            boolean fresh = searchedNanos == null || now - searchedNanos > 4 * searchPauseNanos;
            searchPauseNanos = fresh ? SEARCH_NANOS : Math.min(2 * searchPauseNanos, LONGEST_SEARCH_NANOS);
            searchedNanos = now;
        }
        reconnect();
    }

    /** Drops the connection, which may lead nowhere or to the wrong server; the client opens a new one at once. */
    private void reconnect() {
        nodes.keySet().forEach(LettuceInternals::drop);
    }
}
