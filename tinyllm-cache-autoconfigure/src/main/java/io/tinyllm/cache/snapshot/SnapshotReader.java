package io.tinyllm.cache.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the lines of a snapshot one after the other. Memory grows with the longest line alone. Thread-safe. */
final class SnapshotReader {

    private static final int BUFFER = 1 << 16;

    private final String cache;
    private final EntryFormat format;
    private final BooleanSupplier late;

    /**
     * @param cache the name of the cache
     * @param format the form of its entries
     * @param late whether it is time to give up
     */
    SnapshotReader(String cache, EntryFormat format, BooleanSupplier late) {
        this.cache = cache;
        this.format = format;
        this.late = late;
    }

    /**
     * Checks every byte of a file.
     * @throws BadSnapshotException if it is no whole and unharmed snapshot of the cache
     * @throws TimeoutException if it is time to give up
     */
    Footer verify(InputStream in, boolean compressed) throws IOException, TimeoutException {
        Footer[] footer = new Footer[1];
        long[] entries = new long[1];
        Header header = scan(in, compressed, lines -> {
            if (Footer.begins(lines.bytes(), lines.start(), lines.length())) {
                footer[0] = Footer.read(lines.bytes(), lines.start(), lines.length());
                if (lines.next(LineReader.LONGEST)) {
                    throw new BadSnapshotException("it goes on after its end");
                }
                return false;
            }
            format.check(lines.bytes(), lines.start(), lines.length());
            entries[0]++;
            return true;
        });
        if (footer[0] == null) {
            throw new BadSnapshotException("it is cut off");
        }
        if (footer[0].entries() != entries[0] || !footer[0].savedAt().equals(header.savedAt())) {
            throw new BadSnapshotException("its end does not match the rest");
        }
        return footer[0];
    }

    /**
     * Reads the entries of a file that was verified.
     * @param visitor answers whether it wants more
     * @throws BadSnapshotException if the file has changed for the worse
     * @throws TimeoutException if it is time to give up
     */
    void read(InputStream in, boolean compressed, Predicate<EntryFormat.Entry> visitor)
            throws IOException, TimeoutException {
        scan(
                in,
                compressed,
                lines -> !Footer.begins(lines.bytes(), lines.start(), lines.length())
                        && visitor.test(format.read(lines.bytes(), lines.start(), lines.length())));
    }

    private Header scan(InputStream in, boolean compressed, LineVisitor visitor) throws IOException, TimeoutException {
        try {
            LineReader lines = new LineReader(compressed ? new GZIPInputStream(in, BUFFER) : in);
            Header header = header(lines);
            if (!header.cache().equals(cache)) {
                throw new BadSnapshotException("it belongs to another cache");
            }
            while (lines.next(LineReader.LONGEST)) {
                if (!visitor.visit(lines)) {
                    break;
                }
                if (late.getAsBoolean()) {
                    throw new TimeoutException();
                }
            }
            return header;
        } catch (ZipException | EOFException e) {
            throw new BadSnapshotException("it is no whole gzip file", e);
        }
    }

    /** The name of the cache in the first line of a file. */
    static String nameIn(InputStream in, boolean compressed) throws IOException {
        return header(new LineReader(compressed ? new GZIPInputStream(in, BUFFER) : in))
                .cache();
    }

    private static Header header(LineReader lines) throws IOException {
        if (!lines.next(Header.LONGEST)) {
            throw new BadSnapshotException("it is empty");
        }
        return Header.read(lines.bytes(), lines.start(), lines.length());
    }

    /** Looks at a line. */
    @FunctionalInterface
    private interface LineVisitor {

        /** Returns whether to go on. */
        boolean visit(LineReader lines) throws IOException;
    }
}
