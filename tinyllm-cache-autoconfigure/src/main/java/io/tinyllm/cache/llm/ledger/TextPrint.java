package io.tinyllm.cache.llm.ledger;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Digests of the beginnings of a text, which say how far two texts are equal and nothing of what they are. Immutable.
 */
final class TextPrint {

    /** The shortest beginning that has a digest; the others are each about half as long again as the one before. */
    private static final int SHORTEST = 8;

    private static final int MOST = 32;
    private static final long SEED = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private final int length;
    private final int[] beginnings;

    private TextPrint(int length, int[] beginnings) {
        this.length = length;
        this.beginnings = beginnings;
    }

    static TextPrint of(@Nullable String text) {
        if (text == null) {
            return new TextPrint(0, new int[0]);
        }
        int[] beginnings = new int[MOST];
        int count = 0;
        int next = SHORTEST;
        long hash = SEED;
        for (int i = 0; i < text.length() && count < MOST; i++) {
            hash = (hash ^ text.charAt(i)) * PRIME;
            if (i + 1 == next) {
                beginnings[count++] = (int) (hash ^ hash >>> 32);
                next = after(next);
            }
        }
        return new TextPrint(text.length(), Arrays.copyOf(beginnings, count));
    }

    /** 8, 12, 16, 24, 32, 48, 64, ... */
    private static int after(int length) {
        return Integer.bitCount(length) == 1 ? length + length / 2 : Integer.highestOneBit(length) * 2;
    }

    /** How long the text is. */
    int length() {
        return length;
    }

    /** How many characters at the beginning are equal for certain. */
    int equalCharacters(TextPrint other) {
        int equal = 0;
        int next = SHORTEST;
        for (int i = 0; i < Math.min(beginnings.length, other.beginnings.length); i++) {
            if (beginnings[i] != other.beginnings[i]) {
                break;
            }
            equal = next;
            next = after(next);
        }
        return equal;
    }

    void writeTo(StringBuilder text) {
        text.append(Integer.toHexString(length));
        for (int digest : beginnings) {
            text.append(' ').append(Integer.toHexString(digest));
        }
    }

    static TextPrint parse(String text) {
        String[] parts = text.split(" ", -1);
        int[] beginnings = new int[parts.length - 1];
        for (int i = 0; i < beginnings.length; i++) {
            beginnings[i] = Integer.parseUnsignedInt(parts[i + 1], 16);
        }
        return new TextPrint(Integer.parseInt(parts[0], 16), beginnings);
    }
}
