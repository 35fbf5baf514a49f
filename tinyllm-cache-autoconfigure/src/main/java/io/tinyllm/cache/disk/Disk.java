package io.tinyllm.cache.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of a file system that can fail. No call follows a symbolic link in the last part of a path. Thread-safe.
 */
public interface Disk {

    /** The file system of this machine. */
    static Disk local() {
        return new LocalDisk();
    }

    /**
     * Creates a directory for its owner alone, with those above it, unless it is there.
     *
     * @return its real path
     */
    Path createDirectory(Path directory) throws IOException;

    /** Creates a file for its owner alone, to be written and read; fails if the name is taken, be it by a link. */
    DiskFile create(Path file) throws IOException;

    /** Opens an ordinary file for reading; fails at once for anything else, such as a link or a pipe. */
    DiskFile open(Path file) throws IOException;

    /** Renames a file within its directory, atomically. */
    void rename(Path from, Path to) throws IOException;

    /** Deletes a file, if it is there. */
    void delete(Path file) throws IOException;

    /** Makes the creations, renames and deletions in a directory survive a loss of power. */
    void syncDirectory(Path directory) throws IOException;

    /** Everything in a directory, in no order. */
    List<Path> list(Path directory) throws IOException;

    /** The file, directory or link at a path, null if there is none. */
    @Nullable
    Entry look(Path path) throws IOException;

    /**
     * The file, directory or link at a path.
     *
     * @param kind the kind of thing
     * @param key equal for two paths if and only if they lead to one file, while that file exists
     * @param owner the name of its owner, empty where the file system has none
     */
    record Entry(Kind kind, Object key, String owner) {}

    /** The kind of thing that lies at a path. */
    enum Kind {
        /** An ordinary file. */
        FILE,
        /** A directory. */
        DIRECTORY,
        /** A link, a pipe, a device. */
        OTHER
    }
}
