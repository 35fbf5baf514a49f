package io.tinyllm.cache.benchmarks.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a replay found: tables by title, each a list of rows, each row its columns in order. A cell is a number, a text,
 * a boolean or a list or map of them. Not thread safe.
 */
public final class ReplayReport {

    private final String feature;
    private final Map<String, List<Map<String, Object>>> tables = new LinkedHashMap<>();

    public ReplayReport(String feature) {
        this.feature = feature;
    }

    /** Adds a row to the table of this title: names and values of its cells in turns. */
    public ReplayReport row(String table, Object... namesAndValues) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            row.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return row(table, row);
    }

    /** Adds a row to the table of this title, and says on the error stream how far the replay is. */
    public ReplayReport row(String table, Map<String, Object> row) {
        tables.computeIfAbsent(table, t -> new ArrayList<>()).add(row);
        System.err.printf(
                "\r%s: %d rows ",
                feature, tables.values().stream().mapToInt(List::size).sum());
        return this;
    }

    /** The tables with aligned columns, in the form of Markdown. */
    public String toTable() {
        StringBuilder text = new StringBuilder();
        tables.forEach((title, rows) -> {
            text.append(text.length() == 0 ? "" : "\n")
                    .append(feature)
                    .append(": ")
                    .append(title)
                    .append("\n\n");
            appendTable(text, rows);
        });
        return text.toString();
    }

    private static void appendTable(StringBuilder text, List<Map<String, Object>> rows) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (Map<String, Object> row : rows) {
            row.forEach((name, value) -> widths.merge(name, cell(value).length(), Math::max));
        }
        widths.replaceAll((name, width) -> Math.max(name.length(), width));
        widths.forEach((name, width) ->
                text.append("| ").append(pad(name, width, false)).append(' '));
        text.append("|\n");
        widths.forEach((name, width) -> {
            boolean number = rows.stream().anyMatch(row -> row.get(name) instanceof Number);
            text.append('|').append("-".repeat(width + 1)).append(number ? ':' : '-');
        });
        text.append("|\n");
        for (Map<String, Object> row : rows) {
            widths.forEach((name, width) -> {
                @Nullable Object value = row.get(name);
                text.append("| ")
                        .append(pad(cell(value), width, value instanceof Number))
                        .append(' ');
            });
            text.append("|\n");
        }
    }

    private static String pad(String text, int width, boolean right) {
        String spaces = " ".repeat(width - text.length());
        return right ? spaces + text : text + spaces;
    }

    private static String cell(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Double d) {
            return d.isNaN() ? "" : String.format(Locale.ROOT, "%.3f", d);
        }
        return value.toString();
    }

    /** The same as one line of JSON: {@code {"feature", "tables": {title: [row]}}}. */
    public String toJson() {
        StringBuilder json = new StringBuilder();
        append(json, Map.of("feature", feature));
        json.setLength(json.length() - 1);
        json.append(",\"tables\":");
        append(json, tables);
        return json.append('}').toString();
    }

    private static void append(StringBuilder json, Object value) {
        if (value instanceof Map<?, ?> map) {
            char separator = '{';
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.append(separator);
                append(json, String.valueOf(entry.getKey()));
                json.append(':');
                append(json, entry.getValue());
                separator = ',';
            }
            json.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Iterable<?> list) {
            json.append('[');
            int start = json.length();
            for (Object element : list) {
                json.append(json.length() == start ? "" : ",");
                append(json, element);
            }
            json.append(']');
        } else if (value instanceof Double d) {
            json.append(Double.isFinite(d) ? String.valueOf(Math.round(d * 1e6) / 1e6) : "null");
        } else if (value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            appendText(json, String.valueOf(value));
        }
    }

    private static void appendText(StringBuilder json, String text) {
        json.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
