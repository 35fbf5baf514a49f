package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.NotShared.Missing;
import io.tinyllm.cache.core.port.Tagged;
import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes the lines of a snapshot one after the other. Memory grows with the longest line alone. For one thread. */
final class SnapshotWriter {

    private static final int BUFFER = 1 << 16;

    private final OutputStream out;
    private final EntryFormat format;
    private final Header header;
    private final boolean compressed;
    private final Consumer<Missing> lacking;
    private final Seal seal = new Seal();
    private final Line line = new Line();
    private OutputStream lines;
    private long entries;

    /**
     * Begins with the header.
     * @param lacking takes what has no stored form, for each entry that is left out for that
     */
    SnapshotWriter(OutputStream out, boolean compressed, Header header, EntryFormat format, Consumer<Missing> lacking)
            throws IOException {
        this.out = out;
        this.format = format;
        this.lacking = lacking;
        this.header = header;
        this.compressed = compressed;
        this.lines = compressing();
        header.write(line.clear());
        if (line.length() > Header.LONGEST - Seal.LENGTH) {
            throw new IOException("the name of the cache is too long");
        }
        end();
    }

    /**
     * Writes an entry.
     * @param expiresAt milliseconds since the epoch, or {@link EntryFormat#NEVER}
     * @param tags the tags that it bears, or null
     * @return whether it was written, and has not been left out for having no stored form
     */
    boolean write(Object key, @Nullable Object value, long expiresAt, @Nullable Tagged tags) throws IOException {
        if (!format.write(line.clear(), key, value, expiresAt, tags, lacking)) {
            return false;
        }
        end();
        entries++;
        return true;
    }

    /** Writes the footer, and answers how many entries there are. Does not close the file. */
    long finish() throws IOException {
        if (lines instanceof GZIPOutputStream member) {
            member.finish();
            lines = compressing();
        }
        new Footer(header.savedAt(), entries).write(line.clear());
        end();
        if (lines instanceof GZIPOutputStream member) {
            member.finish();
        }
        return entries;
    }

    private OutputStream compressing() throws IOException {
        return compressed ? new GZIPOutputStream(out, BUFFER) : out;
    }

    private void end() throws IOException {
        seal.close(line);
        lines.write(line.bytes(), 0, line.length());
    }
}
