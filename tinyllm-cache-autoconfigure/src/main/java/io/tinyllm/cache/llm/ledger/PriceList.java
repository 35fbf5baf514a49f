package io.tinyllm.cache.llm.ledger;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The prices of models, by patterns of their names, in which {@code *} stands for any text. Immutable. */
public final class PriceList {

    /** No prices. */
    public static final PriceList NONE = new PriceList(Map.of());

    /** The prices, first those whose pattern has most letters; of those with as many, the one with the fewest stars. */
    private final List<Entry> entries;

    /**
     * Creates a list.
     * @param prices the prices by pattern
     */
    public PriceList(Map<String, Price> prices) {
        List<Entry> sorted = new ArrayList<>();
        prices.forEach((pattern, price) -> sorted.add(new Entry(pattern, price)));
        sorted.sort(Comparator.comparingInt(Entry::letters)
                .reversed()
                .thenComparing(entry -> entry.pattern.length())
                .thenComparing(Entry::pattern));
        this.entries = List.copyOf(sorted);
    }

    /** The price of a model: that of the longest pattern that fits its name, null where none does. */
    @Nullable
    Price of(String model) {
        for (Entry entry : entries) {
            if (fits(entry.pattern, model)) {
                return entry.price;
            }
        }
        return null;
    }

    /** Looks for the parts between the stars one after the other: the first place of each is as good as any. */
    private static boolean fits(String pattern, String name) {
        String[] parts = pattern.split("\\*", -1);
        if (parts.length == 1) {
            return pattern.equals(name);
        }
        String last = parts[parts.length - 1];
        if (!name.startsWith(parts[0]) || name.length() < parts[0].length() + last.length() || !name.endsWith(last)) {
            return false;
        }
        int at = parts[0].length();
        int end = name.length() - last.length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = name.indexOf(parts[i], at);
            if (found < 0 || found + parts[i].length() > end) {
                return false;
            }
            at = found + parts[i].length();
        }
        return true;
    }

    private record Entry(String pattern, Price price) {

        /** How much of a name the pattern says itself. */
        int letters() {
            return pattern.replace("*", "").length();
        }
    }
}
