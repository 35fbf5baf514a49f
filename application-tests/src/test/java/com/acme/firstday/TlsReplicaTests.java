package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Configuration;

/** A replica whose certificate only a bundle of the application's vouches for. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class TlsReplicaTests {

    private static final char[] PASSWORD = "changeit".toCharArray();

    @ParameterizedTest
    @ValueSource(strings = {"redis", "rediss"})
    void isReachedWithItsBundle(String scheme, @TempDir Path directory) throws Exception {
        Path store = certificate(directory);
        String keys = UUID.randomUUID() + ":";
        int replica = Apps.freePort();
        var server = Apps.start(replica);
        try (ServerSocket tls = terminate(store, replica);
                var app = Apps.start(
                        App.class,
                        with(
                                keys,
                                "spring.ssl.bundle.jks.own.truststore.location=file:" + store,
                                "spring.ssl.bundle.jks.own.truststore.password=changeit",
                                "spring.ssl.bundle.jks.own.truststore.type=PKCS12",
                                "tinyllm.cache.redis.replicas.eu.url=" + scheme + "://localhost:" + tls.getLocalPort(),
                                "tinyllm.cache.redis.replicas.eu.ssl-bundle=own"))) {
            app.getBean(CacheManager.class).getCache("orders").put("a", "value");
            // The replica itself, asked without TLS.
            try (var other = Apps.start(
                    App.class,
                    Apps.PLAIN,
                    "tinyllm.cache.redis.key-prefix=" + keys,
                    "tinyllm.cache.defaults.redis.enabled=true",
                    "tinyllm.cache.defaults.redis.timeout=5s",
                    "spring.data.redis.port=" + replica)) {
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> other.getBean(CacheManager.class)
                                        .getCache("orders")
                                        .get("a")
                                != null);
            }
        } finally {
            Apps.stop(server);
        }
    }

    @Test
    void aBundleThatDoesNotExistStopsTheStartByName(CapturedOutput output) {
        assertThat(catchThrowable(() -> Apps.start(
                        App.class,
                        with(
                                "none:",
                                "logging.level.root=ERROR",
                                "tinyllm.cache.redis.replicas.eu.url=redis://localhost:1",
                                "tinyllm.cache.redis.replicas.eu.ssl-bundle=misspelt"))))
                .isNotNull();
        assertThat(output).contains("tinyllm.cache.redis.replicas.eu.ssl-bundle", "misspelt", "spring.ssl.bundle");
    }

    private static String[] with(String keys, String... more) {
        String[] common = {
            Apps.PLAIN,
            "spring.data.redis.port=" + Apps.redis(),
            "tinyllm.cache.redis.key-prefix=" + keys,
            "tinyllm.cache.defaults.redis.enabled=true",
            "tinyllm.cache.defaults.redis.timeout=5s",
            "tinyllm.cache.defaults.replication.enabled=true",
            "tinyllm.cache.defaults.replication.replicas=eu"
        };
        String[] all = java.util.Arrays.copyOf(common, common.length + more.length);
        System.arraycopy(more, 0, all, common.length, more.length);
        return all;
    }

    /** A key and its certificate, which no authority has signed, by the tool of the JDK. */
    private static Path certificate(Path directory) throws Exception {
        Path store = directory.resolve("own.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(said).isZero();
        return store;
    }

    /** Speaks TLS with clients, and plainly with a Redis on this machine. */
    private static ServerSocket terminate(Path store, int port) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(store)) {
            keys.load(stored, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        ServerSocket server =
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName("localhost"));
        daemon(() -> {
            while (true) {
                Socket client = server.accept();
                Socket redis = new Socket("127.0.0.1", port);
                daemon(() -> client.getInputStream().transferTo(redis.getOutputStream()));
                daemon(() -> redis.getInputStream().transferTo(client.getOutputStream()));
            }
        });
        return server;
    }

    private static void daemon(Copying copying) {
        Thread thread = new Thread(() -> {
            try {
                copying.run();
            } catch (IOException e) {
                // Closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Copying {

        void run() throws IOException;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {}
}
