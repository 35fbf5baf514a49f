package io.tinyllm.cache.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import org.springframework.util.ClassUtils;

/** Options that Lettuce has from version 7 on; an application of Spring Boot 4.0 has version 6. */
final class NewerOptions {

    private static final boolean MAINTENANCE_NOTIFICATIONS = ClassUtils.isPresent(
            "io.lettuce.core.MaintNotificationsConfig", NewerOptions.class.getClassLoader());

    private NewerOptions() {}

    /** Switches off what a cache has no use for. */
    static ClientOptions.Builder off(ClientOptions.Builder options) {
        return MAINTENANCE_NOTIFICATIONS ? Maintenance.off(options) : options;
    }

    /** A class of its own, so that the names in it are looked up only where they exist. */
    private static final class Maintenance {

        static ClientOptions.Builder off(ClientOptions.Builder options) {
            return options.maintNotificationsConfig(MaintNotificationsConfig.disabled());
        }
    }
}
