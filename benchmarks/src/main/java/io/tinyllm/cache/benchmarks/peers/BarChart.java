package io.tinyllm.cache.benchmarks.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws a table as bars: a group for each row, a bar for each column, on a scale from zero of each group's own. */
final class BarChart {

    private static final List<String> COLOURS =
            List.of("#2f6fdf", "#e07b39", "#3a9d5d", "#b0476f", "#8a6fc9", "#8c8c8c", "#b59b2b", "#4aa3a3");
    private static final int WIDTH = 820;
    private static final int LABELS = 220;
    private static final int BAR = 14;
    private static final int GAP = 18;

    private BarChart() {}

    /** The picture as SVG, readable on light and on dark ground. */
    static String of(Figures figures) {
        List<String> columns = new ArrayList<>(figures.columns());
        StringBuilder body = new StringBuilder();
        int y = 44;
        for (String row : figures.rows()) {
            double most = columns.stream()
                    .mapToDouble(column -> figures.median(row, column))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
            text(body, 12, y + BAR, "start", "bold", row);
            for (int i = 0; i < columns.size(); i++) {
                double median = figures.median(row, columns.get(i));
                if (!Double.isFinite(median)) {
                    continue;
                }
                double width = most == 0 ? 0 : median / most * (WIDTH - LABELS - 240);
                body.append(String.format(
                        Locale.ROOT,
                        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                        LABELS,
                        y,
                        Math.max(1, width),
                        BAR - 2,
                        COLOURS.get(i % COLOURS.size())));
                text(
                        body,
                        LABELS + 6 + (int) width,
                        y + BAR - 3,
                        "start",
                        "normal",
                        columns.get(i) + " " + Figures.shown(median));
                y += BAR;
            }
            y += GAP;
        }
        StringBuilder picture = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"11\">%n"
                        + "<style>text{fill:#222}rect.ground{fill:#fff}</style>%n"
                        + "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>%n",
                WIDTH,
                y,
                WIDTH,
                y));
        text(picture, 12, 22, "start", "bold", figures.title() + ", " + figures.unit());
        return picture.append(body).append("</svg>\n").toString();
    }

    private static void text(StringBuilder picture, int x, int y, String anchor, String weight, String words) {
        picture.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" font-weight=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                weight,
                words.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
