package io.tinyllm.cache.benchmarks.growth;

import java.util.List;
import java.util.Locale;

/**
 * Draws a table of growth: how many times as large each figure has become, over how many times as large the size has
 * become, both on logarithmic scales. A dashed line shows what grows as the size does.
 */
final class GrowthChart {

    private static final List<String> COLOURS =
            List.of("#2f6fdf", "#e07b39", "#3a9d5d", "#b0476f", "#8a6fc9", "#8c8c8c", "#b59b2b", "#4aa3a3");
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
        StringBuilder picture = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"11\">%n"
                        + "<style>text{fill:#222}rect.ground{fill:#fff}</style>%n"
                        + "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>%n",
                WIDTH,
                TOP + SIDE + 50,
                WIDTH,
                TOP + SIDE + 50));
        text(picture, 12, 22, "bold", table.title() + ": growth, as a multiple of the first");
        for (int decade = 0; decade <= decades; decade++) {
            double x = LEFT + decade / decades * SIDE;
            double y = TOP + SIDE - decade / decades * SIDE;
            line(picture, x, TOP, x, TOP + SIDE, "#ddd", "");
            line(picture, LEFT, y, LEFT + SIDE, y, "#ddd", "");
            text(picture, x - 8, TOP + SIDE + 16, "normal", "x 1" + "0".repeat(decade));
            text(picture, 8, y + 4, "normal", "x 1" + "0".repeat(decade));
        }
        line(picture, LEFT, TOP + SIDE, LEFT + SIDE, TOP, "#999", " stroke-dasharray=\"4 4\"");
        text(picture, LEFT + SIDE + 8, TOP + 4, "normal", "as the size does");
        int number = 0;
        for (String column : table.columns()) {
            String colour = COLOURS.get(number % COLOURS.size());
            StringBuilder points = new StringBuilder();
            double least = Double.NaN;
            for (long size : sizes) {
                double figure = table.median(size, column);
                if (figure > 0) {
                    least = Double.isNaN(least) ? figure : least;
                    double x = LEFT + Math.log10(size / first) / decades * SIDE;
                    double grown = Math.max(-0.5, Math.min(decades, Math.log10(figure / least)));
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, TOP + SIDE - grown / decades * SIDE));
                }
            }
            picture.append(String.format(
                    Locale.ROOT,
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                    points.toString().strip(),
                    colour));
            int y = TOP + 28 + number * 18;
            line(picture, LEFT + SIDE + 12, y - 4, LEFT + SIDE + 36, y - 4, colour, " stroke-width=\"2\"");
            text(
                    picture,
                    LEFT + SIDE + 42,
                    y,
                    "normal",
                    String.format(Locale.ROOT, "%s (power %.2f)", column, table.exponent(column)));
            number++;
        }
        return picture.append("</svg>\n").toString();
    }

    private static void line(
            StringBuilder picture, double x, double y, double toX, double toY, String colour, String more) {
        picture.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>%n",
                x,
                y,
                toX,
                toY,
                colour,
                more));
    }

    private static void text(StringBuilder picture, double x, double y, String weight, String words) {
        picture.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"%s\">%s</text>%n",
                x,
                y,
                weight,
                words.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
