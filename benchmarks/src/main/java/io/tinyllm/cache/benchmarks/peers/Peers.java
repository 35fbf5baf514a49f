package io.tinyllm.cache.benchmarks.peers;

import io.tinyllm.cache.benchmarks.Report;
import io.tinyllm.cache.benchmarks.redis.RedisComparison;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The command {@code peers [smoke|all [DIRECTORY [PART]]]}: every workload with every peer, in forks that take turns,
 * with a line of progress for each. It writes the tables into {@code benchmarks.md} of a directory, between the marks
 * of that page, every sample into {@code benchmarks.csv}, and a picture of each table into {@code images}. With a part,
 * a regular expression, only the steps are run in whose name it is found; their rows replace those of the directory.
 */
public final class Peers {

    private static final Map<String, String> OPERATIONS = operations();

    /** How large the values in Redis are. */
    private static final int[] SIZES = {1024, 32 * 1024};

    private static final String SAMPLES = "benchmarks.csv";

    private static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final boolean smoke;
    private final int rounds;
    private final List<Step> steps = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private @Nullable String part;
    private final Figures time =
            new Figures("Memory", "nanoseconds of an operation", false, Set.of(Peer.CAFFEINE.label()));
    private final Figures bytes =
            new Figures("Allocation", "bytes allocated by an operation", false, Set.of(Peer.CAFFEINE.label()));
    private final Figures loads = new Figures("Stampede of 10,000 callers: loads", "loads", false, Set.of());
    private final Figures last =
            new Figures("Stampede of 10,000 callers: the last answer", "milliseconds", false, Set.of());
    private final Figures heap =
            new Figures("Heap", "bytes of an entry, without key and value", false, Set.of(Peer.CAFFEINE.label()));
    private final Figures start = new Figures("Start of an application", "milliseconds, counts, MB", false, Set.of());
    private final Figures redis =
            new Figures("Redis", "operations a second", true, Set.of("bare Lettuce", "Spring RedisCache, as it comes"));
    private final Figures twoTier = new Figures("Two tiers", "operations a second", true, Set.of());
    private final Figures outage = new Figures(
                    "Redis is away",
                    "calls of 8 threads that compute what they do not get",
                    true,
                    Set.of("bare Lettuce"))
            .withoutVerdict();

    private Peers(boolean smoke) {
        this.smoke = smoke;
        this.rounds = smoke ? 1 : 3;
    }

    private static Map<String, String> operations() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("hit", "hit, Cache.get");
        names.put("annotatedHit", "hit, @Cacheable");
        names.put("missAndLoad", "miss and load");
        names.put("put", "put");
        names.put("zipf", "Zipf with loads, Cache.get");
        names.put("annotatedZipf", "Zipf with loads, @Cacheable");
        return names;
    }

    /** Measures and writes. */
    public static void main(String[] arguments) throws Exception {
        boolean smoke = arguments.length == 0 || arguments[0].equals("smoke");
        Path directory = Path.of(arguments.length > 1 ? arguments[1] : "benchmark-results");
        Peers peers = new Peers(smoke);
        peers.plan();
        if (arguments.length > 2) {
            peers.keepOnly(arguments[2], directory);
        }
        peers.run(directory);
        out.println("Written to " + directory.toAbsolutePath());
    }

    /** Something that is measured once. */
    private interface Work {

        void run() throws Exception;
    }

    private record Step(String name, Work work) {}

    private void plan() {
        for (int round = 0; round < rounds; round++) {
            for (int threads : smoke ? new int[] {1} : new int[] {1, 2, 8}) {
                for (String operation : OPERATIONS.keySet()) {
                    for (Peer peer : Peer.values()) {
                        if (peer.hasAnnotations() || !operation.startsWith("annotated")) {
                            add(
                                    operation + ", " + threads + " threads, " + peer.label(),
                                    () -> fork(operation, threads, peer));
                        }
                    }
                }
            }
            for (Peer peer : Peer.values()) {
                if (peer.hasAnnotations()) {
                    add("stampede, " + peer.label(), () -> stampede(peer, false));
                    add("stampede with sync, " + peer.label(), () -> stampede(peer, true));
                }
                add("heap, " + peer.label(), () -> heap(peer, "one expiry for all", ""));
            }
            add(
                    "heap, ours with jitter",
                    () -> heap(Peer.TINYLLM, "an expiry for each (time-to-live-jitter)", "time-to-live-jitter=0.1"));
            for (int fork = 0; fork < (smoke ? 1 : 3); fork++) {
                add("start, ours", () -> start("tinyllm", "tinyllm"));
                add("start, Boot's Caffeine", () -> start("caffeine", "Boot's Caffeine"));
            }
            // By turns, so that a run that is cut short has something of everything.
            for (int i = 0; i < SIZES.length; i++) {
                int size = SIZES[i];
                if (round == Math.min(i, rounds - 1)) {
                    add("Redis, values of " + size / 1024 + " kB", () -> redis(size));
                }
            }
        }
    }

    /** Leaves the steps whose name has a part; the rows of the others stay as an earlier run has left them. */
    private void keepOnly(String part, Path directory) throws IOException {
        Pattern named = Pattern.compile(part);
        steps.removeIf(step -> !named.matcher(step.name()).find());
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("No step is called " + part);
        }
        this.part = part;
        Map<String, Figures> tables = tables().stream().collect(Collectors.toMap(Figures::title, table -> table));
        for (String line : Files.readAllLines(directory.resolve(SAMPLES))) {
            String[] cells = line.split(";");
            Figures table = tables.get(cells[0]);
            if (table != null) {
                table.addEarlier(cells[1], cells[2], Double.parseDouble(cells[4]));
            }
        }
    }

    private void add(String name, Work work) {
        steps.add(new Step(name, work));
    }

    private void run(Path directory) throws Exception {
        long begun = System.nanoTime();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            try {
                step.work().run();
            } catch (Exception failure) {
                // The others are measured all the same; whoever reads the page is told.
                failed.add(step.name());
                failure.printStackTrace();
            }
            double minutes = (System.nanoTime() - begun) / 60e9;
            out.printf(
                    Locale.ROOT,
                    "[%d of %d, %.1f minutes, some %.0f left] %s%n",
                    i + 1,
                    steps.size(),
                    minutes,
                    minutes / (i + 1) * (steps.size() - i - 1),
                    step.name());
            if (i % 20 == 19 || i == steps.size() - 1) {
                write(directory);
            }
        }
    }

    private void fork(String operation, int threads, Peer peer) throws RunnerException {
        int iterations = smoke ? 1 : 2;
        RunResult result = new Runner(new OptionsBuilder()
                        .include(PeerBenchmark.class.getName() + "." + operation + "$")
                        .param("peer", peer.name())
                        .forks(1)
                        .threads(threads)
                        .warmupIterations(2)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(iterations)
                        .measurementTime(TimeValue.seconds(1))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .build())
                .runSingle();
        String row = OPERATIONS.get(operation) + (threads == 1 ? "" : ", " + threads + " threads");
        time.add(row, peer.label(), result.getPrimaryResult().getScore());
        Result<?> allocated = result.getSecondaryResults().get("gc.alloc.rate.norm");
        if (threads == 1 && allocated != null) {
            bytes.add(row, peer.label(), Math.round(allocated.getScore()));
        }
    }

    private void stampede(Peer peer, boolean sync) throws IOException, InterruptedException {
        double[] figures = Alone.run("-Xmx2g", "stampede", peer.name(), Boolean.toString(sync));
        String row = sync ? "sync = true" : "plain @Cacheable";
        loads.add(row, peer.label(), figures[0]);
        last.add(row, peer.label(), figures[1]);
    }

    private void heap(Peer peer, String row, String setting) throws IOException, InterruptedException {
        double[] figures = setting.isEmpty()
                ? Alone.run("-Xmx2g", "heap", peer.name())
                : Alone.run("-Xmx2g", "heap", peer.name(), setting);
        heap.add(row, peer.label(), figures[0]);
    }

    private void start(String caches, String column) throws IOException, InterruptedException {
        double[] figures = Alone.run("-Xmx512m", "start", caches);
        start.add("milliseconds to the first answer", column, figures[0]);
        start.add("threads", column, figures[1]);
        start.add("loaded classes", column, figures[2]);
        start.add("MB of heap, collected", column, figures[3]);
    }

    private void redis(int size) throws IOException {
        String suffix = ", " + size / 1024 + " kB";
        RedisComparison.measure(1, smoke ? 1 : 4, "", size, (what, threads, contender, rates) -> {
            if (what.startsWith("answers") || what.startsWith("longest")) {
                outage.add(what + suffix, contender, rates[0]);
                return;
            }
            boolean both = contender.contains("both tiers") || contender.contains("LocalCachedMap");
            Figures table = both ? twoTier : redis;
            for (double rate : rates) {
                table.add(what + suffix + (threads == 1 ? "" : ", " + threads + " threads"), contender, rate);
            }
        });
    }

    private List<Figures> tables() {
        return List.of(time, bytes, redis, twoTier, outage, loads, last, heap, start);
    }

    private void write(Path directory) throws IOException {
        StringBuilder page = new StringBuilder(machine());
        StringBuilder samples = new StringBuilder("table;row;column;unit;sample\n");
        for (Figures table : tables()) {
            if (table.isEmpty()) {
                continue;
            }
            page.append(Report.section(directory, "benchmark", table.title(), table.markdown(), BarChart.of(table)));
            samples.append(table.csv());
        }
        Files.writeString(directory.resolve(SAMPLES), samples);
        Report.write(directory.resolve("benchmarks.md"), page.toString());
    }

    private String machine() {
        String machine = Report.machine(smoke ? "the smoke run" : "the whole run");
        if (part != null) {
            machine += "; the steps \"" + part + "\" were run last, the others before";
        }
        if (!failed.isEmpty()) {
            machine += ". Failed, and left out: " + String.join("; ", failed);
        }
        return smoke
                ? machine + ". One fork for each figure: they say that everything runs, not how fast.\n"
                : machine + ". Medians of forks that took turns, with the least and the greatest behind them;"
                        + " a figure with nothing behind it is of one fork.\n";
    }
}
