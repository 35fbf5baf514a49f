package io.tinyllm.cache.benchmarks.codec;

import io.tinyllm.cache.benchmarks.Median;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * Tells what the first value of a class costs more than the second, in processor time: its plan. Each round meets a
 * hundred classes that the JVM has not seen before, half of them records, with four to ten fields of usual types. They
 * are compiled once, and loaded again for each round; the objects are made before the clock runs.
 */
public final class PlanCost {

    private static final int CLASSES = 100;
    private static final String CACHE = "plans";

    /** Types of fields, each with a value. */
    private static final String[][] FIELDS = {
        {"String", "\"some text\""},
        {"long", "7L"},
        {"java.time.Instant", "java.time.Instant.EPOCH"},
        {"java.util.List<String>", "java.util.List.of(\"a\", \"b\")"},
        {"java.math.BigDecimal", "java.math.BigDecimal.TEN"},
        {"boolean", "true"},
        {"java.util.Map<String, Long>", "new java.util.LinkedHashMap<>(java.util.Map.of(\"a\", 1L))"},
        {"Double", "0.25"},
        {"java.util.UUID", "new java.util.UUID(1, 2)"},
        {"java.util.Set<java.time.LocalDate>", "java.util.Set.of(java.time.LocalDate.EPOCH)"},
    };

    private PlanCost() {}

    /** Arguments: rounds, 300 unless given, of which the first half warms up. */
    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        Path directory = Files.createTempDirectory("plans");
        try {
            compile(directory);
            List<Double> records = new ArrayList<>();
            List<Double> beans = new ArrayList<>();
            List<Double> all = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                double[] micros = round(directory);
                if (round >= rounds / 2) {
                    records.add(micros[0]);
                    beans.add(micros[1]);
                    all.add((micros[0] + micros[1]) / 2);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "a plan costs %.0f us: mean of %d classes, median of %d rounds (%.0f to %.0f);"
                            + " of a record %.0f us, of a bean %.0f us%n",
                    median(all),
                    CLASSES,
                    all.size(),
                    all.stream().mapToDouble(one -> one).min().orElseThrow(),
                    all.stream().mapToDouble(one -> one).max().orElseThrow(),
                    median(records),
                    median(beans));
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** The mean microseconds of a record's plan, and of a bean's. */
    private static double[] round(Path directory) throws Exception {
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            ValueTypes types = new ValueTypes(Set.of(), loader);
            List<Object> values = new ArrayList<>();
            for (int i = 0; i < CLASSES; i++) {
                Object value = loader.loadClass("plans.C" + i).getMethod("make").invoke(null);
                types.declare(CACHE, value.getClass());
                values.add(value);
            }
            ValueCodec codec = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
            long[] nanos = new long[2];
            for (int i = 0; i < CLASSES; i++) {
                long start = cpu();
                ValueCodec.Encoded first = codec.encode(CACHE, values.get(i));
                long planned = cpu();
                ValueCodec.Encoded second = codec.encode(CACHE, values.get(i));
                long end = cpu();
                nanos[i % 2] += (planned - start) - (end - planned);
                if (!Arrays.equals(first.json(), second.json())) {
                    throw new IllegalStateException("Two stored forms of one value");
                }
            }
            return new double[] {nanos[0] / 1e3 / (CLASSES / 2.0), nanos[1] / 1e3 / (CLASSES / 2.0)};
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(List<Double> values) {
        return Median.of(values.stream().mapToDouble(one -> one).toArray());
    }

    private static void compile(Path directory) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("The classes are compiled by the JDK, and this is none");
        }
        Path sources = Files.createDirectories(directory.resolve("sources"));
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-d", directory.toString()));
        for (int i = 0; i < CLASSES; i++) {
            arguments.add(Files.writeString(sources.resolve("C" + i + ".java"), source(i))
                    .toString());
        }
        if (compiler.run(null, null, null, arguments.toArray(String[]::new)) != 0) {
            throw new IllegalStateException("The classes do not compile");
        }
    }

    /** Records have even numbers. */
    private static String source(int number) {
        boolean record = number % 2 == 0;
        String name = "C" + number;
        List<String> declared = new ArrayList<>();
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 4 + number % 7; i++) {
            String[] field = FIELDS[(number + i) % FIELDS.length];
            declared.add(field[0] + " field" + i);
            made.add(field[1]);
        }
        if (record) {
            return "package plans; public record %s(%s) { public static Object make() { return new %s(%s); } }"
                    .formatted(name, String.join(", ", declared), name, String.join(", ", made));
        }
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < declared.size(); i++) {
            fields.append("private %s = %s; ".formatted(declared.get(i), made.get(i)));
        }
        return "package plans; public class %s { %spublic static Object make() { return new %s(); } }"
                .formatted(name, fields, name);
    }
}
