package com.acme.shop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.DefaultResourceLoader;
import redis.embedded.RedisServer;

/** Instances of an application, as many as a test wants, over one Redis. */
public final class Apps {

    /** How long a test waits for what happens in the background. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String NO_DATABASE = "spring.autoconfigure.exclude="
            + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
            + "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration";

    private static final int PORT = freePort();

    private static int prefixes;
    private static RedisServer redis;

    private Apps() {}

    /** An instance without a database and without Redis. */
    public static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        return run(application, WebApplicationType.NONE, with(properties, NO_DATABASE));
    }

    /** An instance without a database, whose caches are shared over Redis. */
    static ConfigurableApplicationContext shared(Class<?> application, String... properties) {
        return run(application, WebApplicationType.NONE, with(properties, NO_DATABASE, sharing()));
    }

    /** An instance with a database. */
    static ConfigurableApplicationContext withDatabase(Class<?> application, String... properties) {
        return run(
                application,
                WebApplicationType.NONE,
                with(properties, "spring.jpa.hibernate.ddl-auto=update", "spring.jpa.open-in-view=false"));
    }

    /** An instance with a web server, without a database, whose caches are shared over Redis. */
    static ConfigurableApplicationContext web(Class<?> application, String... properties) {
        return run(application, WebApplicationType.SERVLET, with(properties, NO_DATABASE, sharing()));
    }

    /** Shares every cache. */
    static String sharing() {
        redis();
        return "tinyllm.cache.defaults.redis.enabled=true";
    }

    /** A prefix of Redis keys of one test's own. */
    static synchronized String ownKeys() {
        return "tinyllm.cache.redis.key-prefix=test" + ++prefixes + ":";
    }

    static ConfigurableApplicationContext run(Class<?> application, WebApplicationType type, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--spring.data.redis.port=" + PORT,
                "--management.health.redis.enabled=false",
                "--management.endpoints.web.exposure.include=*",
                "--spring.data.redis.repositories.enabled=false",
                "--spring.autoconfigure.exclude="
                        + "org.springframework.boot.security.autoconfigure.web.servlet."
                        + "ServletWebSecurityAutoConfiguration,"
                        + "org.springframework.boot.security.autoconfigure.actuate.web.servlet."
                        + "ManagementWebSecurityAutoConfiguration",
                "--tinyllm.cache.defaults.redis.timeout=5s",
                "--logging.level.root=WARN",
                "--logging.level.io.tinyllm=INFO"));
        Arrays.stream(properties).map(property -> "--" + property).forEach(arguments::add);
        return new SpringApplicationBuilder(new DefaultResourceLoader(application.getClassLoader()), application)
                .web(type)
                .run(arguments.toArray(String[]::new));
    }

    private static String[] with(String[] properties, String... more) {
        String[] all = Arrays.copyOf(properties, properties.length + more.length);
        System.arraycopy(more, 0, all, properties.length, more.length);
        return all;
    }

    private static synchronized void redis() {
        if (redis == null) {
            try {
                redis = RedisServer.newRedisServer()
                        .port(PORT)
                        .setting("save \"\"")
                        .build();
                redis.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    redis.stop();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends when Redis has what the loads of an instance brought: they send it without waiting. A put waits, and goes the
     * same way behind them.
     */
    static void hasArrived(ConfigurableApplicationContext instance) {
        instance.getBean(CacheManager.class).getCache("sentAfterwards").put("key", "value");
    }
}
