package io.tinyllm.cache.benchmarks.growth;

import io.tinyllm.cache.benchmarks.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a table of growth: how many times as large each figure has become, over how many times as large the size has
 * become, both on logarithmic scales. A dashed line shows what grows as the size does.
 */
final class GrowthChart {

    private static final int LEFT = 60;
    private static final int TOP = 40;
    private static final int SIDE = 360;
    private static final int WIDTH = 720;

    private GrowthChart() {}

    /** The picture as SVG. */
    static String of(GrowthTable table) {
        List<Long> sizes = table.sizes();
        double first = sizes.get(0);
        double decades = Math.max(1, Math.log10(sizes.get(sizes.size() - 1) / first));
        Picture picture = new Picture();
        picture.text(12, 22, true, table.title() + ": growth, as a multiple of the first");
        for (int decade = 0; decade <= decades; decade++) {
            double x = LEFT + decade / decades * SIDE;
            double y = TOP + SIDE - decade / decades * SIDE;
            picture.line(x, TOP, x, TOP + SIDE, "#ddd", "");
            picture.line(LEFT, y, LEFT + SIDE, y, "#ddd", "");
            picture.text(x - 8, TOP + SIDE + 16, false, "x 1" + "0".repeat(decade));
            picture.text(8, y + 4, false, "x 1" + "0".repeat(decade));
        }
        picture.line(LEFT, TOP + SIDE, LEFT + SIDE, TOP, "#999", " stroke-dasharray=\"4 4\"");
        picture.text(LEFT + SIDE + 8, TOP + 4, false, "as the size does");
        int number = 0;
        for (String column : table.columns()) {
            String colour = Picture.colour(number);
            List<String> points = new ArrayList<>();
            double least = Double.NaN;
            for (long size : sizes) {
                double figure = table.median(size, column);
                if (figure > 0) {
                    least = Double.isNaN(least) ? figure : least;
                    double x = LEFT + Math.log10(size / first) / decades * SIDE;
                    double grown = Math.max(-0.5, Math.min(decades, Math.log10(figure / least)));
                    points.add(String.format(Locale.ROOT, "%.1f,%.1f", x, TOP + SIDE - grown / decades * SIDE));
                }
            }
            picture.path(points, colour);
            int y = TOP + 28 + number * 18;
            picture.line(LEFT + SIDE + 12, y - 4, LEFT + SIDE + 36, y - 4, colour, " stroke-width=\"2\"");
            picture.text(
                    LEFT + SIDE + 42,
                    y,
                    false,
                    String.format(Locale.ROOT, "%s (power %.2f)", column, table.exponent(column)));
            number++;
        }
        return picture.toSvg(WIDTH, TOP + SIDE + 50);
    }
}
