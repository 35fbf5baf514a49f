package io.tinyllm.cache.llm.ledger;

import io.tinyllm.cache.llm.Fingerprint;
import io.tinyllm.cache.llm.Fingerprint.Field;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Digests of one request, field by field, so that two requests can be compared and neither can be read. Immutable.
 */
public final class RequestPrint {

    private final long[] fields;
    private final TextPrint system;
    private final TextPrint user;

    private RequestPrint(long[] fields, TextPrint system, TextPrint user) {
        this.fields = fields;
        this.system = system;
        this.user = user;
    }

    /**
     * The digests of a request.
     * @param fields the digest of each field, as {@link Fingerprint#digests} gives them
     * @param system the instructions, null for none
     * @param user what the user says, null for nothing
     */
    public static RequestPrint of(long[] fields, @Nullable String system, @Nullable String user) {
        return new RequestPrint(fields.clone(), TextPrint.of(system), TextPrint.of(user));
    }

    /** How this request differs from another. */
    Difference from(RequestPrint other) {
        List<Field> differing = new ArrayList<>();
        for (Field field : Field.values()) {
            if (fields[field.ordinal()] != other.fields[field.ordinal()]) {
                differing.add(field);
            }
        }
        return new Difference(
                differing,
                system.equalCharacters(other.system),
                system.length(),
                user.equalCharacters(other.user),
                user.length());
    }

    /** In how many fields this request differs from another. */
    int distance(RequestPrint other) {
        int distance = 0;
        for (int i = 0; i < fields.length; i++) {
            distance += fields[i] == other.fields[i] ? 0 : 1;
        }
        return distance;
    }

    /** The digests as a text, which {@link #parse} reads. */
    public String toText() {
        StringBuilder text = new StringBuilder(512);
        for (long field : fields) {
            text.append(Long.toHexString(field)).append(' ');
        }
        text.append(';');
        system.writeTo(text);
        text.append(';');
        user.writeTo(text);
        return text.toString();
    }

    /** Reads digests; null for a text that holds none. */
    static @Nullable RequestPrint parse(String text) {
        String[] parts = text.split(";", -1);
        if (parts.length != 3) {
            return null;
        }
        String[] digests = parts[0].trim().split(" ", -1);
        if (digests.length != Field.values().length) {
            return null;
        }
        try {
            long[] fields = new long[digests.length];
            for (int i = 0; i < fields.length; i++) {
                fields[i] = Long.parseUnsignedLong(digests[i], 16);
            }
            return new RequestPrint(fields, TextPrint.parse(parts[1]), TextPrint.parse(parts[2]));
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
