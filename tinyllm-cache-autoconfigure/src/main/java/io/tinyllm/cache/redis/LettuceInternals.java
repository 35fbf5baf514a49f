package io.tinyllm.cache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.StatefulRedisConnectionImpl;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.protocol.DefaultEndpoint;
import io.lettuce.core.protocol.ProtocolVersion;

/**
 * The internals of Lettuce that the cache uses, all in one place. Each method says what is lost
 * with a version of Lettuce that lacks it; nothing here fails. Made for Lettuce 6.8 to 7.5.
 */
final class LettuceInternals {

    private LettuceInternals() {}

    /**
     * Returns whether a connection has this codec, by which the connections of this package are told from those that
     * the client opens for itself, to learn the topology of a cluster. Where it cannot be told they all count as ours,
     * which costs a few commands more.
     */
    static boolean hasCodec(Object connection, RedisCodec<?, ?> codec) {
        try {
            return !(connection instanceof StatefulRedisConnectionImpl<?, ?> known) || known.getCodec() == codec;
        } catch (LinkageError e) {
            return true;
        }
    }

    /**
     * Returns whether a connection speaks RESP3. Where it cannot be told it does not: changes are told by pub-sub then.
     */
    static boolean speaksResp3(Object connection) {
        try {
            return connection instanceof StatefulRedisConnectionImpl<?, ?> known
                    && known.getConnectionState().getNegotiatedProtocolVersion() == ProtocolVersion.RESP3;
        } catch (LinkageError e) {
            return false;
        }
    }

    /**
     * Drops a connection, which the client opens again. Where that is impossible a connection that leads nowhere is
     * noticed by the operating system, which takes longer.
     */
    static void drop(Object connection) {
        try {
            if (connection instanceof RedisChannelHandler<?, ?> handler
                    && handler.getChannelWriter() instanceof DefaultEndpoint endpoint) {
                endpoint.disconnect();
            }
        } catch (LinkageError e) {
            // As said above.
        }
    }

    /** Switches off the notifications of maintenance, which a version of Lettuce without them does not send. */
    static void disableMaintenanceNotifications(ClientOptions.Builder options) {
        try {
            options.maintNotificationsConfig(MaintNotificationsConfig.disabled());
        } catch (LinkageError e) {
            // As said above.
        }
    }
}
