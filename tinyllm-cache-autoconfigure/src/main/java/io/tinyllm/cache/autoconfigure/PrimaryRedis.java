package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.redis.RedisEndpoint;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/** Finds the Redis that the application is configured for, once a cache wants it. */
final class PrimaryRedis {

    /** Which of several connection factories is meant where none is primary, as for Spring Boot's own caches. */
    private static final String USUAL_NAME = "redisConnectionFactory";

    private PrimaryRedis() {}

    /**
     * The Redis of the application's connection factory.
     * @param beans the application's beans
     * @param path the property path of the settings of the cache that wants it
     * @throws InvalidCacheSettingException if there is none that can be used, or no telling which
     */
    static RedisEndpoint of(ListableBeanFactory beans, String path) {
        RedisConnectionFactory factory = find(beans);
        if (factory == null) {
            throw refused(
                    path,
                    "true only where one RedisConnectionFactory bean is the one to use; here there are "
                            + Arrays.toString(beans.getBeanNamesForType(RedisConnectionFactory.class)),
                    "Mark one of them with @Primary");
        }
        if (!(factory instanceof LettuceConnectionFactory lettuce)) {
            throw refused(
                    path,
                    "true only where the application speaks to Redis by Lettuce; its connection factory is "
                            + factory.getClass().getName(),
                    "Add the dependency io.lettuce:lettuce-core, with spring.data.redis.client-type=lettuce or a"
                            + " LettuceConnectionFactory bean that is @Primary");
        }
        return RedisEndpoint.of(lettuce);
    }

    private static @Nullable RedisConnectionFactory find(ListableBeanFactory beans) {
        RedisConnectionFactory unique =
                beans.getBeanProvider(RedisConnectionFactory.class).getIfUnique();
        if (unique != null || !beans.containsBean(USUAL_NAME)) {
            return unique;
        }
        return beans.getBean(USUAL_NAME) instanceof RedisConnectionFactory usual ? usual : null;
    }

    private static InvalidCacheSettingException refused(String path, String allowed, String remedy) {
        String property = path + ".redis.enabled";
        return new InvalidCacheSettingException(
                property, true, allowed, remedy + ", or set " + property + " to false.");
    }
}
