package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.Fingerprint.Field;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How one request differs from another that was made before. Immutable.
 *
 * @param fields the fields that differ, none where the requests are the same
 * @param equalSystem how many characters at the beginning of the instructions are equal at least
 * @param systemLength how long the instructions are
 * @param equalUser how many characters at the beginning of what the user says are equal at least
 * @param userLength how long that is
 */
public record Difference(List<Field> fields, int equalSystem, int systemLength, int equalUser, int userLength) {

    /** The order of differences from one request: fewer fields first, then the longer text that is equal. */
    static final Comparator<Difference> NEAREST_FIRST = Comparator.comparingInt(
                    (Difference difference) -> difference.fields.size())
            .thenComparingInt(difference -> -(difference.equalSystem + difference.equalUser));

    /** No difference. */
    static final Difference NONE = new Difference(List.of(), 0, 0, 0, 0);

    public Difference {
        fields = List.copyOf(fields);
    }

    /** The names of the fields that differ. */
    public List<String> names() {
        return fields.stream().map(Difference::name).toList();
    }

    /** The name of a field as it is told. */
    static String name(Field field) {
        return field.name().toLowerCase(Locale.ROOT);
    }

    /** Returns whether this is the smaller difference of two: fewer fields, or a longer text that is equal. */
    boolean isSmallerThan(Difference other) {
        return NEAREST_FIRST.compare(this, other) < 0;
    }

    /** The difference in words, such as {@code system (equal up to character 128 of 4,210)}. */
    public String inWords() {
        StringBuilder words = new StringBuilder();
        for (Field field : fields) {
            words.append(words.isEmpty() ? "" : ", ").append(name(field));
            if (field == Field.SYSTEM) {
                words.append(equal(equalSystem, systemLength));
            } else if (field == Field.USER) {
                words.append(equal(equalUser, userLength));
            }
        }
        return words.toString();
    }

    private static String equal(int equal, int length) {
        return String.format(Locale.ROOT, " (equal up to character %,d of %,d)", equal, length);
    }
}
