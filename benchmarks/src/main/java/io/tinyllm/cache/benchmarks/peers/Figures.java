package io.tinyllm.cache.benchmarks.peers;

import io.tinyllm.cache.benchmarks.Median;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One table of figures: a row for each operation, a column for each contender, every sample of every round. The first
 * column is ours. Not thread-safe.
 */
final class Figures {

    private boolean compares = true;
    private final String title;
    private final String unit;
    private final boolean moreIsBetter;
    private final Set<String> limits;
    private final Map<String, Map<String, List<Double>>> rows = new LinkedHashMap<>();

    /** Rows of an earlier run, which the first sample of this one replaces as a whole. */
    private final Set<String> earlier = new HashSet<>();

    private final Set<String> columns = new LinkedHashSet<>();

    /**
     * An empty table.
     * @param title what it shows
     * @param unit of its figures
     * @param moreIsBetter whether a larger figure is the better one
     * @param limits columns that are no peers: a limit of what can be reached, or something that promises less
     */
    Figures(String title, String unit, boolean moreIsBetter, Set<String> limits) {
        this.title = title;
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
        this.limits = limits;
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    Set<String> columns() {
        return columns;
    }

    Set<String> rows() {
        return rows.keySet();
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Says nothing of who is better: what is measured differs from column to column. */
    Figures withoutVerdict() {
        compares = false;
        return this;
    }

    /** Adds a sample of an earlier run, whose row counts until it is measured again. */
    void addEarlier(String row, String column, double sample) {
        addSample(row, column, sample);
        earlier.add(row);
    }

    void add(String row, String column, double sample) {
        Map<String, List<Double>> before = earlier.remove(row) ? rows.get(row) : null;
        if (before != null) {
            before.clear();
        }
        addSample(row, column, sample);
    }

    private void addSample(String row, String column, double sample) {
        columns.add(column);
        rows.computeIfAbsent(row, unknown -> new LinkedHashMap<>())
                .computeIfAbsent(column, unknown -> new ArrayList<>())
                .add(sample);
    }

    /** The median of the samples of a place; not a number where there are none. */
    double median(String row, String column) {
        return Median.of(samples(row, column));
    }

    private double[] samples(String row, String column) {
        return rows.getOrDefault(row, Map.of()).getOrDefault(column, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** The table as text of a document, with a verdict on ours where it has peers. */
    String markdown() {
        String ours = columns.iterator().next();
        boolean judged = compares && columns.stream().anyMatch(column -> isPeer(column, ours));
        StringBuilder text = new StringBuilder("| " + unit + " |");
        columns.forEach(column -> text.append(' ').append(column).append(" |"));
        text.append(judged ? " ours beside the best peer |\n|---|" : "\n|---|");
        columns.forEach(column -> text.append("--:|"));
        text.append(judged ? "---|\n" : "\n");
        for (String row : rows.keySet()) {
            text.append("| ").append(row).append(" |");
            columns.forEach(column -> text.append(' ').append(cell(row, column)).append(" |"));
            text.append(judged ? " " + verdict(row, ours) + " |\n" : "\n");
        }
        return text.toString();
    }

    private boolean isPeer(String column, String ours) {
        return !column.equals(ours) && !limits.contains(column);
    }

    private String cell(String row, String column) {
        double[] samples = samples(row, column);
        if (samples.length == 0) {
            return "";
        }
        double least = Arrays.stream(samples).min().orElse(Double.NaN);
        double most = Arrays.stream(samples).max().orElse(Double.NaN);
        String median = shown(Median.of(samples));
        return samples.length == 1 || shown(least).equals(shown(most))
                ? median
                : median + " (" + shown(least) + " to " + shown(most) + ")";
    }

    /** Better, worse, or a tie where the samples of both overlap. */
    private String verdict(String row, String ours) {
        double[] mine = samples(row, ours);
        String best = "";
        double bestMedian = Double.NaN;
        for (String column : columns) {
            double median = median(row, column);
            boolean counts = isPeer(column, ours) && !Double.isNaN(median);
            if (counts && (Double.isNaN(bestMedian) || (moreIsBetter ? median > bestMedian : median < bestMedian))) {
                best = column;
                bestMedian = median;
            }
        }
        if (best.isEmpty() || mine.length == 0) {
            return "";
        }
        double[] theirs = samples(row, best);
        boolean overlap = Arrays.stream(mine).min().orElse(0)
                        <= Arrays.stream(theirs).max().orElse(0)
                && Arrays.stream(theirs).min().orElse(0)
                        <= Arrays.stream(mine).max().orElse(0);
        double ratio = bestMedian == 0 ? (Median.of(mine) == 0 ? 1 : Double.NaN) : Median.of(mine) / bestMedian;
        boolean better = moreIsBetter ? ratio > 1 : ratio < 1;
        return String.format(
                Locale.ROOT, "%s x %s%s", shown(ratio), best, overlap ? ", a tie" : better ? ", better" : ", worse");
    }

    /** One line for each sample: table, row, column, unit, figure. */
    String csv() {
        return rows.entrySet().stream()
                .flatMap(row -> row.getValue().entrySet().stream()
                        .flatMap(column -> column.getValue().stream()
                                .map(sample -> String.join(
                                        ";", title, row.getKey(), column.getKey(), unit, Double.toString(sample)))))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** Three digits that say something. */
    static String shown(double figure) {
        if (Double.isNaN(figure)) {
            return "";
        }
        double size = Math.abs(figure);
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, figure).replaceAll("\\.0+$", "");
    }
}
