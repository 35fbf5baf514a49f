package io.tinyllm.cache.benchmarks;

import java.util.List;
import java.util.Locale;

/** A picture of figures as SVG, readable on light and on dark ground. Lengths are in pixels. Not thread-safe. */
public final class Picture {

    private static final List<String> COLOURS =
            List.of("#2f6fdf", "#e07b39", "#3a9d5d", "#b0476f", "#8a6fc9", "#8c8c8c", "#b59b2b", "#4aa3a3");

    private final StringBuilder body = new StringBuilder();

    /** The colour of a column of a table, by its number. */
    public static String colour(int number) {
        return COLOURS.get(number % COLOURS.size());
    }

    /** Writes words that begin at a place. */
    public void text(double x, double y, boolean bold, String words) {
        add(
                "<text x=\"%.1f\" y=\"%.1f\" font-weight=\"%s\">%s</text>%n",
                x, y, bold ? "bold" : "normal", words.replace("&", "&amp;").replace("<", "&lt;"));
    }

    /** Draws a rectangle. */
    public void bar(double x, double y, double width, double height, String colour) {
        add("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n", x, y, width, height, colour);
    }

    /**
     * Draws a straight line.
     * @param more further attributes, with a blank before each
     */
    public void line(double x, double y, double toX, double toY, String colour, String more) {
        add("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"%s/>%n", x, y, toX, toY, colour, more);
    }

    /**
     * Draws a line through points.
     * @param points pairs of coordinates, each with a comma in between
     */
    public void path(List<String> points, String colour) {
        add(
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                String.join(" ", points), colour);
    }

    private void add(String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values));
    }

    /** Returns the whole picture. */
    public String toSvg(int width, int height) {
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                                + " font-family=\"sans-serif\" font-size=\"11\">%n"
                                + "<style>text{fill:#222}rect.ground{fill:#fff}</style>%n"
                                + "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>%n",
                        width,
                        height,
                        width,
                        height)
                + body + "</svg>\n";
    }
}
