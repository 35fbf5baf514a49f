package io.tinyllm.cache.disk;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;

/**
 * An open file, addressed by positions. An interrupt of a thread that writes or reads neither ends the call nor
 * closes the file, and the thread stays interrupted. Safe for use by several threads, given that one at a time writes.
 */
public interface DiskFile extends Closeable {

    /** Writes bytes at a position of the file. After an exception some of them may be there. */
    void write(long position, byte[] bytes, int offset, int length) throws IOException;

    /**
     * Reads bytes at a position of the file.
     *
     * @return how many, at least one unless {@code length} is 0; -1 at the end of the file
     */
    int read(long position, byte[] bytes, int offset, int length) throws IOException;

    /** Makes what was written survive a loss of power. May fail where the thread is interrupted. */
    void force() throws IOException;

    /** The length of the file in bytes. */
    long size() throws IOException;

    /**
     * Reads so many bytes.
     *
     * @throws EOFException if the file ends before
     */
    default void readFully(long position, byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int read = read(position + done, bytes, offset + done, length - done);
            if (read < 0) {
                throw new EOFException("The file ends before what was to be read");
            }
            done += read;
        }
    }

    /** Writes one byte after the other from the beginning of the file; its end does not close the file. */
    default OutputStream output() {
        return new FileOutput(this);
    }

    /** Reads the file; its end closes the file. */
    default SeekableByteChannel channel() {
        return new FileInput(this);
    }
}
