package io.tinyllm.cache.redis;

import io.tinyllm.cache.TagResolver;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import io.tinyllm.cache.settings.RedisSettings.Invalidation;
import io.tinyllm.cache.tags.TagBarriers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A cache on memory and Redis in a process of its own, whose clock is set off by so many microseconds. It does what the
 * lines of its input say, {@code put KEY VALUE}, {@code get KEY} and {@code evict TAG}, and answers each with a line.
 */
final class TagProcess implements AutoCloseable {

    private static final String MARK = "# ";

    private final Process process;
    private final BufferedReader output;

    private TagProcess(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    static TagProcess start(String url, long clockMicros) throws IOException {
        return new TagProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        TagProcess.class.getName(),
                        url,
                        Long.toString(clockMicros))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Has it do something; returns what it answers, the text null for a miss. */
    String ask(String command) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((command + "\n").getBytes(StandardCharsets.US_ASCII));
        input.flush();
        String line = output.readLine();
        while (line != null && !line.startsWith(MARK)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new IOException("The process has ended");
        }
        return line.substring(MARK.length());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException {
        // Its other threads would keep it, and whoever waits for its answer, for ever.
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, failure) -> Runtime.getRuntime().halt(1));
        long off = Long.parseLong(args[1]);
        TagResolver byKey =
                (cacheName, key, value) -> Set.of(String.valueOf(key).split("-")[0]);
        TagBarriers tags = new TagBarriers(
                List.of(byKey),
                1000,
                TimeUnit.SECONDS.toNanos(5),
                () -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()) + off,
                Runnable::run);
        RedisNode node = new RedisNode(RedisEndpoint.of(args[0]));
        tags.share(node.backend().tags());
        node.awaitUp();
        TieredCache cache = TieredCache.named("cache")
                .memory(new CaffeineMemoryTier(1000, System::nanoTime, Runnable::run))
                .remote(node.tier("cache", RedisNode.PATIENT, Invalidation.AUTO))
                .tags(tags.policy("cache", () -> {}))
                .ttl((key, value) -> TimeUnit.MINUTES.toNanos(10))
                .build();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            String answer = "done";
            switch (words[0]) {
                case "put" -> cache.put(words[1], words[2]);
                case "evict" -> tags.evict(words[1]);
                default -> {
                    CacheEntry entry = cache.get(words[1]);
                    answer = String.valueOf(entry == null ? null : entry.value());
                }
            }
            System.out.println(MARK + answer);
            System.out.flush();
        }
        System.exit(0);
    }
}
