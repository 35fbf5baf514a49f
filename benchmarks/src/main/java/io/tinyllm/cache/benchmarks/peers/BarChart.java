package io.tinyllm.cache.benchmarks.peers;

import io.tinyllm.cache.benchmarks.Picture;
import java.util.ArrayList;
import java.util.List;

/** Draws a table as bars: a group for each row, a bar for each column, on a scale from zero of each group's own. */
final class BarChart {

    private static final int WIDTH = 820;
    private static final int LABELS = 220;
    private static final int BAR = 14;
    private static final int GAP = 18;

    private BarChart() {}

    /** The picture as SVG, readable on light and on dark ground. */
    static String of(Figures figures) {
        List<String> columns = new ArrayList<>(figures.columns());
        Picture picture = new Picture();
        picture.text(12, 22, true, figures.title() + ", " + figures.unit());
        int y = 44;
        for (String row : figures.rows()) {
            double most = columns.stream()
                    .mapToDouble(column -> figures.median(row, column))
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
            picture.text(12, y + BAR, true, row);
            for (int i = 0; i < columns.size(); i++) {
                double median = figures.median(row, columns.get(i));
                if (!Double.isFinite(median)) {
                    continue;
                }
                double width = most == 0 ? 0 : median / most * (WIDTH - LABELS - 240);
                picture.bar(LABELS, y, Math.max(1, width), BAR - 2, Picture.colour(i));
                picture.text(
                        LABELS + 6 + (int) width, y + BAR - 3, false, columns.get(i) + " " + Figures.shown(median));
                y += BAR;
            }
            y += GAP;
        }
        return picture.toSvg(WIDTH, y);
    }
}
