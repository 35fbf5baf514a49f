package io.tinyllm.cache.benchmarks.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command {@code replay --trace FILE... --feature NAME [options]}: replays traces through the product and prints
 * tables, then the same as one line of JSON. A directory stands for the traces in it.
 */
public final class Replay {

    /** Every feature that can be replayed. */
    private static final List<ReplayFeature> FEATURES = List.of(
            new SizeTunerReplay(),
            new PartitionsReplay(),
            new RebalanceReplay(),
            new BudgetReplay(),
            new EvictionReplay(),
            new HotKeysReplay(),
            new PrefetchReplay(),
            new TtlReplay());

    private static final Set<String> OPTIONS = Set.of(
            "trace",
            "feature",
            "policy",
            "target",
            "size",
            "minimum",
            "maximum",
            "interval",
            "format",
            "details",
            "partitions",
            "runs",
            "clients",
            "ttl",
            "sessions",
            "order",
            "latency",
            "concurrency",
            "confidence",
            "rate",
            "mode");

    private Replay() {}

    public static void main(String[] args) throws IOException {
        try {
            System.out.println(run(args));
        } catch (IllegalArgumentException e) {
            System.err.println("replay: " + e.getMessage());
            System.err.println("usage: replay --trace FILE|DIRECTORY... --feature "
                    + FEATURES.stream().map(ReplayFeature::name).collect(Collectors.joining("|"))
                    + " [--policy NAME] [--target RATE...] [--size ENTRIES|PERCENT%...] [--format table|json]");
            System.exit(2);
        }
    }

    static String run(String[] args) throws IOException {
        ReplayOptions options = ReplayOptions.parse(args, OPTIONS);
        String name = options.text("feature", "");
        ReplayFeature feature = FEATURES.stream()
                .filter(f -> f.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no feature '" + name + "'"));
        List<Trace> traces = new ArrayList<>();
        for (String path : options.all("trace")) {
            for (Path file : files(Path.of(path))) {
                traces.add(Trace.read(file));
            }
        }
        if (traces.isEmpty()) {
            throw new IllegalArgumentException("no trace given");
        }
        ReplayReport report = feature.replay(traces, options);
        return switch (options.text("format", "both")) {
            case "json" -> report.toJson();
            case "table" -> report.toTable();
            default -> report.toTable() + "\n" + report.toJson();
        };
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IllegalArgumentException("no file " + path);
        }
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(f -> f.toString().matches(".*\\.csv(\\.gz)?"))
                    .sorted()
                    .toList();
        }
    }
}
