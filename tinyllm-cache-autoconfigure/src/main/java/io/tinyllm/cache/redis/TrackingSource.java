package io.tinyllm.cache.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.push.PushMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * News of changes by server-assisted client tracking: the server tells, over the connections that commands take, of
 * every change that another connection makes to a key of ours, expiry included. Thread-safe; nothing blocks.
 */
final class TrackingSource {

    private final ChangeFeed feed;
    private final String keyPrefix;
    private final Map<Object, CompletableFuture<Boolean>> nodes = new ConcurrentHashMap<>();

    /**
     * Creates a source that hears of nothing yet.
     * @param feed takes the news
     * @param keyPrefix what the keys begin with whose changes are told, empty for all
     */
    TrackingSource(ChangeFeed feed, String keyPrefix) {
        this.feed = feed;
        this.keyPrefix = keyPrefix;
    }

    /** Returns whether tracking was asked for over a connection before, which has been lost since. */
    boolean knows(StatefulRedisConnection<byte[], byte[]> node) {
        return nodes.containsKey(node);
    }

    /**
     * Returns whether changes are told of over a connection, as soon as that is known; false where nobody has asked.
     */
    CompletableFuture<Boolean> isOn(StatefulRedisConnection<byte[], byte[]> node) {
        return nodes.getOrDefault(node, CompletableFuture.completedFuture(false));
    }

    /**
     * Asks the server for news over a connection that has just been made, or made again; answers whether they will
     * come.
     */
    CompletableFuture<Boolean> begin(StatefulRedisConnection<byte[], byte[]> node) {
        if (!knows(node)) {
            node.addListener(this::pushed);
        }
        CompletableFuture<Boolean> asked = ask(node);
        nodes.put(node, asked);
        return asked;
    }

    private CompletableFuture<Boolean> ask(StatefulRedisConnection<byte[], byte[]> node) {
        if (!LettuceInternals.speaksResp3(node)) {
            // An older protocol has no room for news among the answers.
            return CompletableFuture.completedFuture(false);
        }
        TrackingArgs tracking = TrackingArgs.Builder.enabled().bcast().noloop();
        if (!keyPrefix.isEmpty()) {
            tracking.prefixes(StandardCharsets.UTF_8, keyPrefix);
        }
        return node.async().clientTracking(tracking).toCompletableFuture().handle((ok, failure) -> {
            if (failure == null) {
                return true;
            }
            if (failure instanceof RedisCommandExecutionException
                    || failure.getCause() instanceof RedisCommandExecutionException) {
                return false;
            }
            throw new CompletionException(failure);
        });
    }

    private void pushed(PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        List<Object> content = message.getContent();
        Object keys = content.size() < 2 ? null : content.get(1);
        if (!(keys instanceof List<?> list)) {
            feed.allChanged();
            return;
        }
        for (Object key : list) {
            if (key instanceof ByteBuffer buffer) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.duplicate().get(bytes);
                feed.changedOrExpired(bytes);
            }
        }
    }
}
