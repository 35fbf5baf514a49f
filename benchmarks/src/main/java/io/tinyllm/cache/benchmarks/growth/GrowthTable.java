package io.tinyllm.cache.benchmarks.growth;

import io.tinyllm.cache.benchmarks.Median;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What grows with one size: a row for each size, a column for each thing that is measured, every sample. Not
 * thread-safe.
 */
final class GrowthTable {

    private final String title;
    private final SortedMap<Long, Map<String, List<Double>>> rows = new TreeMap<>();
    private final List<String> columns = new ArrayList<>();

    GrowthTable(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    List<String> columns() {
        return columns;
    }

    List<Long> sizes() {
        return List.copyOf(rows.keySet());
    }

    void add(long size, String column, double sample) {
        if (!columns.contains(column)) {
            columns.add(column);
        }
        rows.computeIfAbsent(size, unknown -> new LinkedHashMap<>())
                .computeIfAbsent(column, unknown -> new ArrayList<>())
                .add(sample);
    }

    /** The median of the samples; not a number where there are none. */
    double median(long size, String column) {
        List<Double> samples = rows.getOrDefault(size, Map.of()).getOrDefault(column, List.of());
        return Median.of(samples.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /**
     * The power of the size that a figure grows with, by the line of least squares through the logarithms of both: 0
     * where it does not grow, 1 where it grows as the size does. Not a number where fewer than two figures are above
     * zero.
     */
    double exponent(String column) {
        double n = 0;
        double x = 0;
        double y = 0;
        double xx = 0;
        double xy = 0;
        for (long size : rows.keySet()) {
            double figure = median(size, column);
            if (figure > 0) {
                double logSize = Math.log(size);
                double logFigure = Math.log(figure);
                n++;
                x += logSize;
                y += logFigure;
                xx += logSize * logSize;
                xy += logSize * logFigure;
            }
        }
        return n < 2 ? Double.NaN : (n * xy - x * y) / (n * xx - x * x);
    }

    String markdown() {
        StringBuilder text = new StringBuilder("| " + title + " |");
        columns.forEach(column -> text.append(' ').append(column).append(" |"));
        text.append("\n|--:|").append("--:|".repeat(columns.size())).append('\n');
        for (long size : rows.keySet()) {
            text.append(String.format(Locale.ROOT, "| %,d |", size));
            columns.forEach(column ->
                    text.append(' ').append(shown(median(size, column))).append(" |"));
            text.append('\n');
        }
        text.append("| **grows with the power** |");
        columns.forEach(column -> text.append(" **")
                .append(String.format(Locale.ROOT, "%.2f", exponent(column)))
                .append("** |"));
        return text.append('\n').toString();
    }

    /** One line for each sample: table, size, column, figure. */
    String csv() {
        return rows.entrySet().stream()
                .flatMap(row -> row.getValue().entrySet().stream()
                        .flatMap(column -> column.getValue().stream()
                                .map(sample -> title + ";" + row.getKey() + ";" + column.getKey() + ";" + sample)))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String shown(double figure) {
        if (Double.isNaN(figure)) {
            return "";
        }
        String format = figure >= 100 ? "%,.0f" : figure >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, figure);
    }
}
