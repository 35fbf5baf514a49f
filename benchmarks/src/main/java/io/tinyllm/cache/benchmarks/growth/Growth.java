package io.tinyllm.cache.benchmarks.growth;

import io.tinyllm.cache.benchmarks.Report;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The command {@code growth [smoke|all [DIRECTORY]]}: how cost grows with the number of caches, entries, partitions and
 * threads and with the length of keys, with a line of progress for each point. It writes tables into {@code growth.md}
 * of a directory, between the marks of that page, every sample into {@code growth.csv}, and plots into {@code images}.
 */
public final class Growth {

    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private static final Map<GrowthCase.Kind, String> TITLES = new EnumMap<>(Map.of(
            GrowthCase.Kind.CACHES, "Caches",
            GrowthCase.Kind.ENTRIES, "Entries",
            GrowthCase.Kind.SNAPSHOT, "Entries saved",
            GrowthCase.Kind.PARTITIONS, "Partitions",
            GrowthCase.Kind.KEYS, "Length of keys",
            GrowthCase.Kind.THREADS, "Threads"));

    private Growth() {}

    private record Point(GrowthCase.Kind kind, long size) {}

    /** Measures and writes. */
    public static void main(String[] arguments) throws Exception {
        boolean smoke = arguments.length == 0 || arguments[0].equals("smoke");
        Path directory = Path.of(arguments.length > 1 ? arguments[1] : "benchmark-results");
        List<Point> points = points(smoke);
        Map<GrowthCase.Kind, GrowthTable> tables = new EnumMap<>(GrowthCase.Kind.class);
        int rounds = smoke ? 1 : 3;
        long begun = System.nanoTime();
        for (int i = 0; i < points.size() * rounds; i++) {
            Point point = points.get(i % points.size());
            GrowthTable table =
                    tables.computeIfAbsent(point.kind(), kind -> new GrowthTable(TITLES.getOrDefault(kind, "")));
            if (i < points.size() || !takesMinutes(point)) {
                try {
                    GrowthCase.run(point.kind(), point.size())
                            .forEach((column, figure) -> table.add(point.size(), column, figure));
                } catch (IllegalStateException failure) {
                    // The others are measured all the same; this one has no figure.
                    failure.printStackTrace();
                }
            }
            double minutes = (System.nanoTime() - begun) / 60e9;
            out.printf(
                    Locale.ROOT,
                    "[%d of %d, %.1f minutes, some %.0f left] %s, %,d%n",
                    i + 1,
                    points.size() * rounds,
                    minutes,
                    minutes / (i + 1) * (points.size() * rounds - i - 1),
                    table.title(),
                    point.size());
            if (i % points.size() == points.size() - 1) {
                write(directory, tables, smoke);
            }
        }
        out.println("Written to " + directory.toAbsolutePath());
    }

    private static boolean takesMinutes(Point point) {
        return point.kind() == GrowthCase.Kind.SNAPSHOT && point.size() > 1_000_000;
    }

    private static List<Point> points(boolean smoke) {
        List<Point> points = new ArrayList<>();
        add(points, GrowthCase.Kind.CACHES, smoke ? List.of(1, 100) : List.of(1, 10, 100, 1_000));
        List<Integer> entries =
                smoke ? List.of(1_000, 100_000) : List.of(1_000, 10_000, 100_000, 1_000_000, 10_000_000);
        add(points, GrowthCase.Kind.ENTRIES, entries);
        add(points, GrowthCase.Kind.SNAPSHOT, entries);
        add(points, GrowthCase.Kind.PARTITIONS, smoke ? List.of(1, 64) : List.of(1, 4, 16, 64));
        add(points, GrowthCase.Kind.KEYS, smoke ? List.of(10, 65_536) : List.of(10, 100, 1_000, 10_000, 65_536));
        add(points, GrowthCase.Kind.THREADS, smoke ? List.of(1, 2) : List.of(1, 2, 4, 8));
        return points;
    }

    private static void add(List<Point> points, GrowthCase.Kind kind, List<Integer> sizes) {
        sizes.forEach(size -> points.add(new Point(kind, size)));
    }

    private static void write(Path directory, Map<GrowthCase.Kind, GrowthTable> tables, boolean smoke)
            throws Exception {
        StringBuilder page = new StringBuilder(Report.machine(smoke ? "the smoke run" : "the whole run") + ".\n");
        StringBuilder samples = new StringBuilder("table;size;column;sample\n");
        for (GrowthTable table : tables.values()) {
            page.append(Report.section(directory, "growth", table.title(), table.markdown(), GrowthChart.of(table)));
            samples.append(table.csv());
        }
        Files.writeString(directory.resolve("growth.csv"), samples);
        Report.write(directory.resolve("growth.md"), page.toString());
    }
}
