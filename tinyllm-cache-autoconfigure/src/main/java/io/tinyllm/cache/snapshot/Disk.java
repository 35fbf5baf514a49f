package io.tinyllm.cache.snapshot;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;

/** What snapshots ask of a file system. Never follows a symbolic link to a file. Implementations are thread-safe. */
interface Disk {

    /** Creates a directory for its owner alone, with those above it, unless it is there, and answers its real path. */
    Path createDirectory(Path directory) throws IOException;

    /** Creates a file for its owner alone; fails if there is one. */
    NewFile create(Path file) throws IOException;

    /** Opens a file for reading. */
    SeekableByteChannel open(Path file) throws IOException;

    /** Renames a file within its directory, atomically. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file, if it is there. */
    void delete(Path file) throws IOException;

    /** Makes the creations, renames and deletions in a directory survive a loss of power. */
    void syncDirectory(Path directory) throws IOException;

    /** The ordinary files of a directory; neither links nor directories. */
    List<Path> list(Path directory) throws IOException;

    /** A file being written. */
    abstract class NewFile extends OutputStream {

        @Override
        public final void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public abstract void write(byte[] bytes, int offset, int length) throws IOException;

        /** Makes what was written survive a loss of power. */
        abstract void sync() throws IOException;
    }
}
