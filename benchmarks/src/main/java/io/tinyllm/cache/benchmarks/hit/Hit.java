package io.tinyllm.cache.benchmarks.hit;

import io.tinyllm.cache.benchmarks.Median;
import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
 * The commands {@code hit [ROUNDS [SECONDS]]} and {@code features [ROUNDS [SECONDS [THREADS [CONTENDER...]]]]}: measure
 * a hit of contenders in forks that take turns, so that a machine which slows down slows all, and print medians, the
 * ratio to a baseline and the bytes allocated by a hit. The baseline of the first is Spring's Caffeine, of the second
 * this library with every feature off.
 */
public final class Hit {

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private Hit() {}

    public static void main(String[] args) throws RunnerException {
        compare(args, List.of(Contender.CAFFEINE, Contender.TINYLLM));
    }

    /** What each feature adds to a hit. */
    public static void features(String[] args) throws RunnerException {
        List<Contender> contenders = new ArrayList<>(List.of(Contender.BARE));
        if (args.length > 3) {
            Arrays.stream(args).skip(3).map(Contender::valueOf).forEach(contenders::add);
        } else {
            Arrays.stream(Contender.values())
                    .filter(contender -> contender != Contender.CAFFEINE && contender != Contender.BARE)
                    .forEach(contenders::add);
        }
        compare(args, contenders);
    }

    private static void compare(String[] args, List<Contender> contenders) throws RunnerException {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        int threads = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        shareClassPathWithForks();
        StringBuilder table = new StringBuilder(String.format(
                "%n%-10s %-16s %10s %10s %8s %8s%n", "hit", "contender", "median ns", "more ns", "ratio", "B/hit"));
        for (String method : List.of("cacheGet", "cacheable")) {
            Map<Contender, List<Sample>> samples = new EnumMap<>(Contender.class);
            for (int round = 0; round < rounds; round++) {
                for (Contender contender : contenders) {
                    Sample sample = fork(method, contender, seconds, threads);
                    samples.computeIfAbsent(contender, unknown -> new ArrayList<>())
                            .add(sample);
                    System.out.printf(
                            Locale.ROOT, "%s %s %.1f ns %.1f B%n", method, contender, sample.nanos(), sample.bytes());
                }
            }
            List<Sample> baseline = samples.getOrDefault(contenders.get(0), List.of());
            for (Contender contender : contenders) {
                table.append(row(method, contender, samples.getOrDefault(contender, List.of()), baseline));
            }
        }
        System.out.println(table);
    }

    private static Sample fork(String method, Contender contender, int seconds, int threads) throws RunnerException {
        RunResult result = new Runner(new OptionsBuilder()
                        .include(HitBenchmark.class.getName() + "." + method + "$")
                        .param("contender", contender.name())
                        .forks(1)
                        .threads(threads)
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

    private static String row(String method, Contender contender, List<Sample> samples, List<Sample> baseline) {
        double[] more = new double[samples.size()];
        double[] ratios = new double[samples.size()];
        Arrays.setAll(more, i -> samples.get(i).nanos() - baseline.get(i).nanos());
        Arrays.setAll(ratios, i -> samples.get(i).nanos() / baseline.get(i).nanos());
        return String.format(
                Locale.ROOT,
                "%-10s %-16s %10.1f %10.1f %8.2f %8.1f%n",
                method,
                contender,
                Median.of(samples.stream().mapToDouble(Sample::nanos).toArray()),
                Median.of(more),
                Median.of(ratios),
                Median.of(samples.stream().mapToDouble(Sample::bytes).toArray()));
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
