package io.tinyllm.cache.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.awaitility.Awaitility;
import redis.embedded.core.ExecutableProvider;

/** A real Redis server on a free port of this machine, that can be paused, killed and started again. */
public final class RedisProcess implements AutoCloseable {

    /** How the names of the threads begin that send the commands of tests; they stay as long as the JVM does. */
    public static final String THREADS = "commands-of-tests-";

    private static final File EXECUTABLE = executable();

    private final int port;
    private final List<String> settings;
    private final boolean sentinel;
    private final Path directory;
    private Process process;

    private RedisProcess(int port, List<String> settings, boolean sentinel) {
        this.port = port;
        this.settings = settings;
        this.sentinel = sentinel;
        try {
            this.directory = Files.createTempDirectory("redis");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a server; settings are {@code "--name", "value"} pairs. */
    public static RedisProcess start(String... settings) {
        RedisProcess redis = new RedisProcess(freePort(), List.of(settings), false);
        redis.restart();
        return redis;
    }

    /** A server that is not started yet. */
    public static RedisProcess notStarted() {
        return new RedisProcess(freePort(), List.of(), false);
    }

    /** Starts a server that copies another. */
    public static RedisProcess startReplicaOf(RedisProcess primary) {
        return start("--replicaof", "127.0.0.1", "" + primary.port, "--repl-diskless-sync-delay", "0");
    }

    /**
     * Starts a Sentinel that watches a server by the name {@code main}, and soon puts a replica in its place when it is
     * gone.
     */
    public static RedisProcess startSentinel(RedisProcess primary) {
        return startSentinel(primary, 1);
    }

    /** The same, which acts when so many of those that watch the server agree. */
    public static RedisProcess startSentinel(RedisProcess primary, int quorum) {
        RedisProcess process = new RedisProcess(
                freePort(),
                List.of(
                        "sentinel monitor main 127.0.0.1 " + primary.port + " " + quorum,
                        "sentinel down-after-milliseconds main 500",
                        "sentinel failover-timeout main 3000"),
                true);
        process.restart();
        return process;
    }

    /** The server of {@code -Dtinyllm.test.redis=/path/to/redis-server}, or Redis 6.2, which comes with the build. */
    private static File executable() {
        String path = System.getProperty("tinyllm.test.redis");
        return path == null ? extract() : new File(path);
    }

    private static File extract() {
        try {
            Path directory = Files.createTempDirectory("redis-executable");
            directory.toFile().deleteOnExit();
            File file = ExecutableProvider.newJarResourceProvider(directory.toFile())
                    .get();
            file.deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        int port;
        do {
            port = anyFreePort();
        } while (port > 55_000); // a cluster's nodes talk to each other 10,000 ports above
        return port;
    }

    private static int anyFreePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Starts the server, on the port that it had. */
    public void restart() {
        try {
            process = new ProcessBuilder(command())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("Redis on port " + port)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(10))
                .until(this::accepts);
    }

    private List<String> command() throws IOException {
        if (sentinel) {
            Path file = directory.resolve("sentinel.conf");
            List<String> lines = new ArrayList<>(List.of("port " + port, "bind 127.0.0.1", "dir " + directory));
            lines.addAll(settings);
            Files.write(file, lines);
            return List.of(EXECUTABLE.getPath(), file.toString(), "--sentinel");
        }
        List<String> command = new ArrayList<>(List.of(EXECUTABLE.getPath(), "--port", "" + port));
        command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--dir", directory.toString()));
        command.addAll(settings);
        return command;
    }

    private boolean accepts() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Stops its answers, not its connections. */
    public void pause() {
        signal("STOP");
    }

    /** Goes on from where it was paused. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, "" + process.pid())
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("kill -" + name + " answered " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends it at once. */
    public void kill() {
        if (process == null) {
            return;
        }
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs commands on a connection of their own, as another program would. */
    public <T> T call(Function<RedisCommands<String, String>, T> commands) {
        return call(StringCodec.UTF8, commands);
    }

    /** The same with another codec. */
    public <K, T> T call(io.lettuce.core.codec.RedisCodec<K, K> codec, Function<RedisCommands<K, K>, T> commands) {
        try (StatefulRedisConnection<K, K> connection = Commands.CLIENT.connect(codec, RedisURI.create(url()))) {
            return commands.apply(connection.sync());
        }
    }

    /** Changes a setting while it runs. */
    public void configure(String name, String value) {
        call(commands -> commands.configSet(name, value));
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.list(directory)) {
            files.forEach(file -> file.toFile().delete());
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One client for the commands of all tests: to start and to end its threads takes longer than they do. */
    private static final class Commands {

        static final RedisClient CLIENT = RedisClient.create(DefaultClientResources.builder()
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .threadFactoryProvider(pool -> new DefaultThreadFactory(THREADS + pool, true))
                .build());
    }

    @Override
    public String toString() {
        return url() + Arrays.toString(settings.toArray());
    }
}
