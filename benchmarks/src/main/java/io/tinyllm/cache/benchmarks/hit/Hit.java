package io.tinyllm.cache.benchmarks.hit;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The command {@code hit [ROUNDS [SECONDS]]}: measures a hit of ours and of Spring's Caffeine in forks that take turns, so
 * that a machine which slows down slows both, and prints medians, the ratio and the bytes allocated by a hit.
 */
public final class Hit {

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private Hit() {}

    public static void main(String[] args) throws RunnerException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        shareClassPathWithForks();
        StringBuilder table = new StringBuilder(String.format(
                "%n%-10s %12s %12s %8s %14s %14s%n",
                "hit", "ours ns", "Spring ns", "ratio", "ours B/hit", "Spring B/hit"));
        for (String method : List.of("cacheGet", "cacheable")) {
            List<Sample> ours = new ArrayList<>();
            List<Sample> springs = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                for (Contender contender : Contender.values()) {
                    Sample sample = fork(method, contender, seconds);
                    (contender == Contender.TINYLLM ? ours : springs).add(sample);
                    System.out.printf(
                            Locale.ROOT, "%s %s %.1f ns %.1f B%n", method, contender, sample.nanos(), sample.bytes());
                }
            }
            table.append(row(method, ours, springs));
        }
        System.out.println(table);
    }

    private static Sample fork(String method, Contender contender, int seconds) throws RunnerException {
        RunResult result = new Runner(new OptionsBuilder()
                        .include(HitBenchmark.class.getName() + "." + method + "$")
                        .param("contender", contender.name())
                        .forks(1)
                        .warmupTime(TimeValue.seconds(seconds))
                        .measurementTime(TimeValue.seconds(seconds))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .runSingle();
        Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
        return new Sample(
                result.getPrimaryResult().getScore(), allocation == null ? Double.NaN : allocation.getScore());
    }

    private static String row(String method, List<Sample> ours, List<Sample> springs) {
        double oursNanos = median(ours.stream().mapToDouble(Sample::nanos).toArray());
        double springsNanos = median(springs.stream().mapToDouble(Sample::nanos).toArray());
        double[] ratios = new double[ours.size()];
        Arrays.setAll(ratios, i -> ours.get(i).nanos() / springs.get(i).nanos());
        return String.format(
                Locale.ROOT,
                "%-10s %12.1f %12.1f %8.2f %14.1f %14.1f%n",
                method,
                oursNanos,
                springsNanos,
                median(ratios),
                median(ours.stream().mapToDouble(Sample::bytes).toArray()),
                median(springs.stream().mapToDouble(Sample::bytes).toArray()));
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Forks get the class path of the system property, which lacks what a build tool has put in a class loader. */
    private static void shareClassPathWithForks() {
        if (Hit.class.getClassLoader() instanceof URLClassLoader loader) {
            System.setProperty(
                    "java.class.path",
                    Arrays.stream(loader.getURLs()).map(Hit::file).collect(Collectors.joining(File.pathSeparator)));
        }
    }

    private static String file(URL url) {
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * What one fork measured.
     * @param nanos the mean time of a hit
     * @param bytes the mean bytes allocated by a hit
     */
    private record Sample(double nanos, double bytes) {}
}
