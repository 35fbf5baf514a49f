package io.tinyllm.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

/**
 * The sample with everything on (profiles {@code all} and {@code redis}) in a heap of 64 MB, under callers who ask,
 * evict, chat, and read and use its endpoints. {@code -Dtinyllm.test.sample.seconds=600} says for how long.
 */
@EnabledIfSystemProperty(named = "tinyllm.test.sample.seconds", matches = "\\d+")
class SmallHeapSoakTests {

    private static final int SECONDS = Integer.getInteger("tinyllm.test.sample.seconds", 10);
    private static final int CALLERS = 8;
    private static final int PROMPTS = 20_000;

    @TempDir
    Path directory;

    private final Map<String, LongAdder> answers = new ConcurrentSkipListMap<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void everythingAtOnceRunsInSixtyFourMegabytes() throws Exception {
        int redisPort = freePort();
        RedisServer redis = RedisServer.newRedisServer()
                .port(redisPort)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
        try {
            runs(redisPort);
        } finally {
            redis.stop();
        }
    }

    private void runs(int redisPort) throws Exception {
        int port = freePort();
        Path output = directory.resolve("output");
        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        SampleApplication.class.getName(),
                        "--server.port=" + port,
                        "--spring.profiles.active=all,redis",
                        "--spring.data.redis.host=127.0.0.1",
                        "--spring.data.redis.port=" + redisPort,
                        "--sample.model.token-delay=0ms")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            awaitStart(application, port, output);
            List<Thread> callers = IntStream.range(0, CALLERS)
                    .mapToObj(caller -> new Thread(() -> call(port, new Random(caller)), "caller-" + caller))
                    .toList();
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
            String figures = client.send(get(port, "/actuator/cacheanalytics/completions"), BodyHandlers.ofString())
                    .body();
            System.out.println(SECONDS + " seconds in 64 MB: " + new TreeMap<>(answers));
            System.out.println(figures.substring(0, Math.min(600, figures.length())));
            System.out.println(client.send(
                            get(port, "/actuator/metrics/jvm.buffer.memory.used?tag=id:direct"),
                            BodyHandlers.ofString())
                    .body());
            assertThat(application.isAlive()).as(Files.readString(output)).isTrue();
            assertThat(Files.readAllLines(output))
                    .as("complaints")
                    .noneMatch(line -> line.matches(".*(OutOfMemoryError| ERROR ).*"));
            assertThat(answers.keySet()).as("answers").allMatch(answer -> answer.matches("\\w+ 20[04]"));
            assertThat(answers).containsKeys("ask 200", "chat 200", "stream 200", "forget 204", "tune 200", "save 200");
        } finally {
            application.destroyForcibly().waitFor();
        }
    }

    private void awaitStart(Process application, int port, Path output) {
        await().atMost(Duration.ofMinutes(3))
                .ignoreException(ConnectException.class)
                .until(() -> {
                    assertThat(application.isAlive())
                            .as(Files.readString(output))
                            .isTrue();
                    client.send(get(port, "/actuator/health"), BodyHandlers.discarding());
                    return true;
                });
    }

    private void call(int port, Random random) {
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        while (System.nanoTime() - end < 0) {
            // Few prompts are asked often, most hardly ever.
            int number = (int) (PROMPTS * Math.pow(random.nextDouble(), 3));
            String prompt = "prompt " + number + " and what it goes on about".repeat(1 + number % 40);
            String query = "?model=tiny&prompt=" + URLEncoder.encode(prompt, StandardCharsets.UTF_8);
            String question = "{\"message\":\"" + prompt + "\"}";
            int dice = random.nextInt(1000);
            if (dice < 800) {
                count("ask", get(port, "/completions" + query));
            } else if (dice < 850) {
                count("chat", post(port, "/chat", question, "application/json"));
            } else if (dice < 900) {
                count("stream", post(port, "/chat", question, "text/event-stream"));
            } else if (dice < 960) {
                count("forget", request(port, "/completions" + query).DELETE().build());
            } else if (dice < 980) {
                count("read", get(port, "/actuator/cacheanalytics/completions"));
            } else if (dice < 990) {
                count("read", get(port, "/actuator/cachetuning"));
            } else if (dice < 995) {
                count("tune", post(port, "/actuator/cachetuning/completions", "{}", "application/json"));
            } else if (dice < 997) {
                count("save", post(port, "/actuator/cachesnapshots/completions", "{\"action\":\"save\"}", "*/*"));
            } else if (dice < 999) {
                count("restore", post(port, "/actuator/cachesnapshots/completions", "{\"action\":\"restore\"}", "*/*"));
            } else {
                count(
                        "model",
                        request(port, "/completions/models/tiny").DELETE().build());
            }
        }
    }

    private void count(String what, HttpRequest request) {
        String answer;
        try {
            answer =
                    what + " " + client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            answer = what + " " + e.getClass().getSimpleName();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        answers.computeIfAbsent(answer, key -> new LongAdder()).increment();
    }

    private static HttpRequest get(int port, String path) {
        return request(port, path).GET().build();
    }

    private static HttpRequest post(int port, String path, String body, String accept) {
        return request(port, path)
                .header("Content-Type", "application/json")
                .header("Accept", accept)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofMinutes(2));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
