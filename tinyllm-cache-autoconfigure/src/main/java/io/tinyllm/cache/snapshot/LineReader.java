package io.tinyllm.cache.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a file into sealed lines and checks their seals. Memory grows with the longest line, up to a limit. For one
 * thread.
 */
final class LineReader {

    /** The longest line of a snapshot, in bytes. */
    static final int LONGEST = 16 << 20;

    private static final int FIRST_READ = 1 << 16;

    private final InputStream in;
    private final Seal seal = new Seal();
    private byte[] bytes = new byte[FIRST_READ];
    private int filled;
    private int start;
    private int next;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The buffer that holds the line. */
    byte[] bytes() {
        return bytes;
    }

    /** Where the line begins. */
    int start() {
        return start;
    }

    /** How long it is, as the JSON object that it is without its seal. */
    int length() {
        return next - Seal.LENGTH - start;
    }

    /**
     * Goes to the next line.
     * @param longest the most bytes that it may have
     * @return whether there is one
     * @throws BadSnapshotException if it is none, or its seal is broken
     */
    boolean next(int longest) throws IOException {
        start = next;
        int scanned = start;
        while (true) {
            for (int i = scanned; i < filled; i++) {
                if (bytes[i] == '\n') {
                    next = i + 1;
                    unseal();
                    return true;
                }
            }
            scanned = filled;
            if (filled > start && bytes[start] != '{') {
                throw new BadSnapshotException("a line is no JSON object");
            }
            if (filled - start > longest) {
                throw new BadSnapshotException("a line is longer than " + longest + " bytes");
            }
            int moved = makeRoom();
            scanned -= moved;
            int read = in.read(bytes, filled, bytes.length - filled);
            if (read < 0) {
                if (filled > start) {
                    throw new BadSnapshotException("the last line is cut off");
                }
                return false;
            }
            filled += read;
        }
    }

    /** Moves the line to the beginning, or gets more space, and answers by how much it moved. */
    private int makeRoom() {
        int moved = 0;
        if (filled == bytes.length && start > 0) {
            System.arraycopy(bytes, start, bytes, 0, filled - start);
            moved = start;
            filled -= start;
            start = 0;
        } else if (filled == bytes.length) {
            bytes = Arrays.copyOf(bytes, bytes.length * 2);
        }
        return moved;
    }

    private void unseal() throws BadSnapshotException {
        int end = bytes[start] == '{' ? seal.open(bytes, start, next - 1) : -1;
        if (end < 0) {
            throw new BadSnapshotException("a checksum does not match");
        }
        bytes[end] = '}';
    }
}
