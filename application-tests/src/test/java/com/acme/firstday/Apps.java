package com.acme.firstday;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import redis.embedded.RedisServer;

/** Instances of an application, as many as a test wants, over one Redis. */
final class Apps {

    /** Leaves databases and logins out, which cost a start their time. */
    static final String PLAIN = "spring.autoconfigure.exclude="
            + "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration,"
            + "org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
            + "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration,"
            + "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration,"
            + "org.springframework.boot.security.autoconfigure.actuate.web.servlet."
            + "ManagementWebSecurityAutoConfiguration,"
            + "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration,"
            + "org.springframework.boot.security.autoconfigure.actuate.web.reactive."
            + "ReactiveManagementWebSecurityAutoConfiguration";

    private static int port;

    private Apps() {}

    /** The port of a Redis that runs as long as the tests do. */
    static synchronized int redis() {
        if (port == 0) {
            port = freePort();
            start(port);
        }
        return port;
    }

    /** A Redis of one test, to be stopped by it. */
    static RedisServer start(int port, String... settings) {
        try {
            var builder =
                    RedisServer.newRedisServer().port(port).bind("127.0.0.1").setting("save \"\"");
            for (String setting : settings) {
                builder.setting(setting);
            }
            RedisServer server = builder.build();
            server.start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void stop(RedisServer server) {
        try {
            server.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ConfigurableApplicationContext start(Class<?> application, String... properties) {
        return start(WebApplicationType.NONE, application, properties);
    }

    static ConfigurableApplicationContext start(WebApplicationType type, Class<?> application, String... properties) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.main.banner-mode=off",
                "--server.port=0",
                "--spring.data.redis.host=127.0.0.1",
                "--spring.data.redis.repositories.enabled=false",
                "--management.endpoints.web.exposure.include=*",
                "--management.endpoint.health.show-details=always",
                "--spring.datasource.generate-unique-name=true",
                "--spring.jpa.hibernate.ddl-auto=create-drop",
                "--logging.level.root=WARN",
                "--logging.level.io.tinyllm=INFO"));
        for (String property : properties) {
            String name = "--" + property.substring(0, property.indexOf('=') + 1);
            arguments.removeIf(argument -> argument.startsWith(name));
            arguments.add("--" + property);
        }
        return new SpringApplicationBuilder(application).web(type).run(arguments.toArray(String[]::new));
    }

    static HttpResponse<String> get(ConfigurableApplicationContext app, String path) throws Exception {
        return send(app, path, "GET");
    }

    static HttpResponse<String> send(ConfigurableApplicationContext app, String path, String method, String... headers)
            throws Exception {
        var request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + app.getEnvironment().getProperty("local.server.port") + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }
}
