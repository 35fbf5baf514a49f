package io.tinyllm.cache.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * The end of each line, {@code ,"crc":"0123abcd"}}: the CRC-32C of this line and all before it, their ends left out.
 * What a seal leaves out is its own text, which is compared as a whole, so that no byte of a file goes unchecked, and
 * no line may be missing, doubled or out of place. For one thread and one file.
 */
final class Seal {

    private static final byte[] OPENING = ",\"crc\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int DIGITS = 8;

    /** The length of a seal. */
    static final int LENGTH = OPENING.length + DIGITS + 2;

    private final CRC32C sum = new CRC32C();

    /** Ends a line that is a JSON object without its closing brace. */
    void close(Line line) {
        sum.update(line.bytes(), 0, line.length());
        line.raw(OPENING).raw(HexFormat.of().toHexDigits((int) sum.getValue())).raw("\"}\n");
    }

    /**
     * Checks a line.
     * @return the position of its seal, or -1 if the seal is broken
     */
    int open(byte[] bytes, int from, int to) {
        int end = to - LENGTH;
        if (end <= from) {
            return -1;
        }
        sum.update(bytes, from, end - from);
        String expected = HexFormat.of().toHexDigits((int) sum.getValue()) + "\"}";
        for (int i = 0; i < OPENING.length; i++) {
            if (bytes[end + i] != OPENING[i]) {
                return -1;
            }
        }
        for (int i = 0; i < expected.length(); i++) {
            if (bytes[end + OPENING.length + i] != expected.charAt(i)) {
                return -1;
            }
        }
        return end;
    }
}
