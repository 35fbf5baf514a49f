package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheTags;
import io.tinyllm.cache.actuate.CacheAnalyticsEndpoint;
import io.tinyllm.cache.actuate.CacheSnapshotsEndpoint;
import io.tinyllm.cache.actuate.CacheTagsEndpoint;
import io.tinyllm.cache.actuate.CacheTuningEndpoint;
import io.tinyllm.cache.analytics.keys.KeyNames;
import io.tinyllm.cache.assembly.ControlPlane;
import io.tinyllm.cache.assembly.SharedTiers;
import io.tinyllm.cache.assembly.StoreWriters;
import io.tinyllm.cache.codec.NotShared;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.spring.CacheRegistry;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Auto-configuration of the actuator endpoints. */
@AutoConfiguration(after = TinyLlmCacheAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REGISTRY)
public final class TinyLlmCacheEndpointsAutoConfiguration {

    static final String KEY_NAMES = "tinyLlmCacheKeyNames";

    private static final int SHORTEST_SALT = 16;

    /** Checks what may be wrong, so that the start fails. */
    TinyLlmCacheEndpointsAutoConfiguration(TinyLlmCacheProperties properties) {
        String secret = properties.getAnalytics().getSalt();
        if (!secret.isEmpty() && secret.length() < SHORTEST_SALT) {
            throw new InvalidCacheSettingException(
                    TinyLlmCacheProperties.PREFIX + ".analytics.salt",
                    "(a secret of " + secret.length() + " characters)",
                    "a secret of at least " + SHORTEST_SALT + " characters",
                    "Take a longer one, for example of openssl rand -hex 16, or remove the property.");
        }
    }

    /** One for all endpoints: a key has the same name in each. Where none is exposed, nobody needs it. */
    @Bean(KEY_NAMES)
    @Lazy
    KeyNames tinyLlmCacheKeyNames(TinyLlmCacheProperties properties) {
        return new KeyNames(
                properties.getAnalytics().getShowKeys(),
                salt(properties.getAnalytics().getSalt()));
    }

    private static byte[] salt(String secret) {
        if (secret.isEmpty()) {
            byte[] salt = new byte[32];
            new SecureRandom().nextBytes(salt);
            return salt;
        }
        return secret.getBytes(StandardCharsets.UTF_8);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    CacheAnalyticsEndpoint cacheAnalyticsEndpoint(
            CacheRegistry caches,
            ControlPlane controlPlane,
            NotShared notShared,
            ObjectProvider<CacheAnalyticsEndpoint.AnswersReport> answers,
            KeyNames keyNames) {
        return new CacheAnalyticsEndpoint(
                caches::ownNames,
                caches::find,
                controlPlane,
                notShared::rows,
                answers.getIfAvailable(() -> name -> null),
                keyNames);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    CacheTuningEndpoint cacheTuningEndpoint(
            CacheRegistry caches,
            StoreWriters storeWriters,
            ObjectProvider<SharedTiers> sharedTiers,
            ControlPlane controlPlane,
            KeyNames keyNames) {
        SharedTiers tiers = sharedTiers.getIfAvailable(() -> SharedTiers.NONE);
        return new CacheTuningEndpoint(
                caches::ownNames, caches::find, storeWriters.all()::get, tiers::replicas, controlPlane, keyNames);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    CacheSnapshotsEndpoint cacheSnapshotsEndpoint(CacheLifecycle lifecycle) {
        return new CacheSnapshotsEndpoint(lifecycle::snapshots);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint
    CacheTagsEndpoint cacheTagsEndpoint(CacheTags tags, CacheRegistry caches) {
        return new CacheTagsEndpoint(tags, caches::ownNames);
    }
}
