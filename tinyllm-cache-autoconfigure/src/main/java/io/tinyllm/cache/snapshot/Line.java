package io.tinyllm.cache.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import tools.jackson.core.io.JsonStringEncoder;

/** A line being written: a growing array of bytes, used again for every line. For one thread. */
final class Line {

    private byte[] bytes = new byte[1024];
    private int length;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Starts anew. */
    Line clear() {
        length = 0;
        return this;
    }

    /** Goes back to an earlier length. */
    void truncate(int earlier) {
        length = earlier;
    }

    Line raw(byte[] more) {
        if (more.length > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more.length));
        }
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    Line raw(String ascii) {
        return raw(ascii.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Adds a text with its quotation marks. */
    Line quoted(String text) {
        return raw("\"").raw(JsonStringEncoder.getInstance().quoteAsUTF8(text)).raw("\"");
    }
}
