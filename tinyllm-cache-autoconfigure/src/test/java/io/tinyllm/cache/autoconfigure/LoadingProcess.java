package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * An application in a process of its own that gets each key which its input names on 16 threads. It says {@code ready},
 * then for each key {@code loading} in a load, and the answers of all threads. The load of a key takes half a second,
 * the first one of a key that begins with {@code hang} for ever.
 */
final class LoadingProcess {

    private static final int THREADS = 16;
    private static final String MARK = "# ";

    private LoadingProcess() {}

    /** Starts one. */
    static Process start(RedisProcess redis) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LoadingProcess.class.getName(),
                        Integer.toString(redis.port()))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** The next line of what one says, past what is logged. */
    static String line(BufferedReader output) throws IOException {
        String line = output.readLine();
        while (line != null && !line.startsWith(MARK)) {
            line = output.readLine();
        }
        return line == null ? null : line.substring(MARK.length());
    }

    public static void main(String[] args) throws Exception {
        ApplicationContext context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .properties(Map.of(
                        "spring.main.banner-mode", "off",
                        "spring.data.redis.host", "127.0.0.1",
                        "spring.data.redis.port", args[0],
                        "tinyllm.cache.caches.completions.redis.enabled", "true",
                        "tinyllm.cache.caches.completions.redis.timeout", "5s",
                        "tinyllm.cache.caches.completions.redis.single-flight", "true"))
                .run();
        HealthIndicator health = context.getBean("tinyllmCacheHealthContributor", HealthIndicator.class);
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() ->
                        health.health().getDetails().get("primary").toString().contains("state=UP"));
        say("ready");
        Completions completions = context.getBean(Completions.class);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String key = input.readLine(); key != null; key = input.readLine()) {
            say(answers(completions, key));
        }
        System.exit(0);
    }

    private static String answers(Completions completions, String key) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService executor = Executors.newFixedThreadPool(THREADS);
        List<Future<String>> answers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            answers.add(executor.submit(() -> {
                start.await();
                return completions.complete(key);
            }));
        }
        TreeSet<String> distinct = new TreeSet<>();
        for (Future<String> answer : answers) {
            distinct.add(answer.get());
        }
        executor.shutdown();
        return String.join(",", distinct);
    }

    private static void say(String line) {
        System.out.println(MARK + line);
        System.out.flush();
    }

    /** A model that costs a call. */
    public static class Completions {

        private final StringRedisTemplate calls;

        Completions(StringRedisTemplate calls) {
            this.calls = calls;
        }

        @Cacheable("completions")
        public String complete(String prompt) {
            Long call = calls.opsForValue().increment("calls of " + prompt);
            say("loading");
            do {
                LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
            } while (call == 1 && prompt.startsWith("hang"));
            return "answer " + call;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataRedisAutoConfiguration.class,
        TinyLlmCacheAutoConfiguration.class,
        TinyLlmCacheHealthAutoConfiguration.class
    })
    static class Application {

        @Bean
        Completions completions(StringRedisTemplate calls) {
            return new Completions(calls);
        }
    }
}
