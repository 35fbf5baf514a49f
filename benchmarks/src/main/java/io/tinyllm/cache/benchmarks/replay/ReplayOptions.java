package io.tinyllm.cache.benchmarks.replay;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The options of a replay as {@code --name value...} gave them; what they mean is the feature's to say. A value may
 * also be a list with commas.
 */
public final class ReplayOptions {

    private final Map<String, List<String>> values;

    public ReplayOptions(Map<String, List<String>> values) {
        this.values = values;
    }

    /** Parses {@code --name value value --name value}. */
    static ReplayOptions parse(String[] args, Set<String> allowed) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < args.length; ) {
            if (!args[i].startsWith("--") || !allowed.contains(args[i].substring(2))) {
                throw new IllegalArgumentException(
                        "unknown option " + args[i] + "; there are --" + String.join(" --", new TreeSet<>(allowed)));
            }
            int end = i + 1;
            while (end < args.length && !args[end].startsWith("--")) {
                end++;
            }
            values.put(args[i].substring(2), List.of(Arrays.copyOfRange(args, i + 1, end)));
            i = end;
        }
        return new ReplayOptions(values);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    /** All values of an option as they were given, empty when absent. */
    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    /** The first value of an option. */
    public String text(String name, String otherwise) {
        List<String> all = all(name);
        return all.isEmpty() ? otherwise : all.get(0);
    }

    /** The numbers of an option. */
    public double[] numbers(String name, double... otherwise) {
        double[] numbers = all(name).stream()
                .flatMap(s -> Arrays.stream(s.split(",")))
                .mapToDouble(Double::parseDouble)
                .toArray();
        return numbers.length == 0 ? otherwise : numbers;
    }

    /** The sizes of an option in entries; {@code 10%} is a share of {@code footprint}. At least 1. */
    public long[] sizes(String name, int footprint, String otherwise) {
        return (all(name).isEmpty() ? List.of(otherwise) : all(name))
                .stream()
                        .flatMap(s -> Arrays.stream(s.split(",")))
                        .mapToLong(s -> size(s.strip(), footprint))
                        .toArray();
    }

    private static long size(String text, int footprint) {
        double entries = text.endsWith("%")
                ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100 * footprint
                : Double.parseDouble(text);
        return Math.max(1, Math.round(entries));
    }
}
