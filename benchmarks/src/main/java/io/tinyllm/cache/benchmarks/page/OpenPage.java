package io.tinyllm.cache.benchmarks.page;

import io.tinyllm.cache.benchmarks.Median;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The command {@code page [ROUNDS [SECONDS]]}: hits of one thread in a web application, by turns while nobody looks and
 * while somebody has the dashboard open, which asks the endpoints as the page does: one request every three seconds.
 * Each figure is of batches of a thousand hits.
 */
public final class OpenPage {

    private static final int KEYS = 1024;
    private static final int BATCH = 1000;
    private static final long EVERY_MILLIS = 3000;
    private static final List<String> ROUND = List.of(
            "cacheanalytics",
            "cachetuning",
            "cacheanalytics",
            "health/tinyllmCache",
            "cacheanalytics",
            "cachesnapshots");

    private OpenPage() {}

    /** Arguments: rounds, 9 unless given; seconds of each turn, 7 unless given. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 9;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 7;
        SpringApplication application = new SpringApplication(Shown.class);
        application.setDefaultProperties(Map.of(
                "server.port", 0,
                "server.address", "127.0.0.1",
                "spring.main.banner-mode", "off",
                "management.endpoints.web.exposure.include", "*",
                "management.endpoint.health.show-details", "always",
                "management.health.redis.enabled", false,
                "spring.autoconfigure.exclude", DataRedisAutoConfiguration.class.getName()));
        try (ConfigurableApplicationContext context = application.run()) {
            String base =
                    "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/actuator/";
            measure(context.getBean(Service.class), base, rounds, seconds);
        }
    }

    private static void measure(Service service, String base, int rounds, int seconds)
            throws IOException, InterruptedException {
        String[] keys = new String[KEYS];
        Arrays.setAll(keys, i -> "key-" + i);
        double[] medians = new double[rounds];
        double[] tails = new double[rounds];
        List<Double> quietTails = new ArrayList<>();
        turn(service, keys, seconds);
        look(base, 6);
        for (int round = 0; round < rounds; round++) {
            double[] before = turn(service, keys, seconds);
            Reader reader = new Reader(base);
            reader.start();
            double[] during = turn(service, keys, seconds);
            int read = reader.end();
            double[] after = turn(service, keys, seconds);
            double quiet = (before[0] + after[0]) / 2;
            medians[round] = during[0] / quiet;
            tails[round] = during[1];
            quietTails.add(before[1]);
            quietTails.add(after[1]);
            System.out.printf(
                    Locale.ROOT,
                    "[%d of %d] median %.1f ns beside %.1f and %.1f; p99 %.1f beside %.1f and %.1f; %d requests%n",
                    round + 1,
                    rounds,
                    during[0],
                    before[0],
                    after[0],
                    during[1],
                    before[1],
                    after[1],
                    read);
        }
        double[] quiet = quietTails.stream().mapToDouble(tail -> tail).sorted().toArray();
        System.out.printf(
                Locale.ROOT,
                "with the page open a hit takes %.3f times as long (median of %d rounds); p99 %.1f ns, without it %.1f"
                        + " (%.1f to %.1f)%n",
                Median.of(medians),
                rounds,
                Median.of(tails),
                Median.of(quiet),
                quiet[0],
                quiet[quiet.length - 1]);
    }

    /** The median and the 99th percentile of the mean time of a hit in a batch, in nanoseconds. */
    private static double[] turn(Service service, String[] keys, int seconds) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        double[] batches = new double[4_000_000];
        int count = 0;
        int next = 0;
        while (System.nanoTime() - end < 0 && count < batches.length) {
            long begun = System.nanoTime();
            for (int i = 0; i < BATCH; i++) {
                Objects.requireNonNull(service.find(keys[next++ & (KEYS - 1)]));
            }
            batches[count++] = (System.nanoTime() - begun) / (double) BATCH;
        }
        double[] sorted = Arrays.copyOf(batches, count);
        Arrays.sort(sorted);
        return new double[] {sorted[count / 2], sorted[(int) (count * 0.99)]};
    }

    private static int look(String base, int requests) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < requests; i++) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(base + ROUND.get(i % ROUND.size())))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(response.uri() + ": " + response.statusCode());
            }
        }
        return requests;
    }

    /** Asks as the open page does, the moment it is opened and every three seconds. */
    private static final class Reader {

        private final Thread thread;
        private volatile int read;
        private volatile boolean failed;

        Reader(String base) {
            thread = new Thread(
                    () -> {
                        try {
                            read += look(base, 6);
                            while (!Thread.currentThread().isInterrupted()) {
                                Thread.sleep(EVERY_MILLIS);
                                read += look(base, 1);
                            }
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        } catch (IOException e) {
                            failed = true;
                        }
                    },
                    "page");
        }

        void start() {
            thread.start();
        }

        int end() throws InterruptedException {
            thread.interrupt();
            thread.join();
            if (failed || read == 0) {
                throw new IllegalStateException("The endpoints were not read");
            }
            return read;
        }
    }

    /** The application that is looked at. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableCaching
    @Import(Service.class)
    static class Shown {}

    /** What is cached. */
    static class Service {

        @Cacheable("shown")
        public String find(String key) {
            return "value of " + key;
        }
    }
}
