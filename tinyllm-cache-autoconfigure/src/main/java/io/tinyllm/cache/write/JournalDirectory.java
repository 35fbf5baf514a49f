package io.tinyllm.cache.write;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the journal of one cache, which belongs to one process at a time. Not thread-safe.
 *
 * <p>It holds {@code lock}, {@code reserve} (bytes to be freed when the disk is full) and {@code journal-<number>.log}; of
 * several, the highest number is complete, since a file gets its name once it is.
 */
final class JournalDirectory implements Closeable {

    private static final String PROPERTY = "tinyllm.cache.journal.directory";
    private static final String SUFFIX = ".log";

    private final Path directory;
    private final FileChannel channel;
    private final FileLock lock;

    private JournalDirectory(Path directory, FileChannel channel, FileLock lock) {
        this.directory = directory;
        this.channel = channel;
        this.lock = lock;
    }

    /** The directory of a cache under a common one: its name, where that is a portable file name, else escaped. */
    static Path of(Path parent, String cacheName) {
        StringBuilder name = new StringBuilder();
        for (byte b : cacheName.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-' || b == '_';
            name.append(plain ? String.valueOf((char) b) : String.format("%%%02x", b));
        }
        return parent.resolve(name.isEmpty() ? "%" : name.toString());
    }

    static JournalDirectory open(Path directory) {
        FileChannel channel = null;
        try {
            Files.createDirectories(directory);
            restrict(directory, "rwx------");
            Path path = directory.resolve("lock");
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = lock(channel);
            if (lock == null) {
                throw new JournalException(
                        "The journal directory " + directory.toAbsolutePath() + " is in use by another process or"
                                + " another cache manager. Give each of them a " + PROPERTY + " of its own.",
                        null);
            }
            restrict(path, "rw-------");
            return new JournalDirectory(directory, channel, lock);
        } catch (IOException e) {
            close(channel);
            throw new JournalException(
                    "The journal directory " + directory.toAbsolutePath() + " cannot be used: " + e + ". Set "
                            + PROPERTY + " to a directory that can be written, or write.journal to false.",
                    e);
        } catch (JournalException e) {
            close(channel);
            throw e;
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException ours) {
            return null;
        }
    }

    /** The number of the current journal file, 0 if there is none; older ones, and what never got its name, are removed. */
    long current() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.filter(path -> path.getFileName().toString().startsWith("journal-"))
                    .toList();
        }
        long current = files.stream()
                .filter(path -> path.toString().endsWith(SUFFIX))
                .map(JournalDirectory::number)
                .max(Comparator.naturalOrder())
                .orElse(0L);
        for (Path path : files) {
            if (!path.equals(file(current))) {
                Files.deleteIfExists(path);
            }
        }
        return current;
    }

    private static long number(Path path) {
        String name = path.getFileName().toString();
        return Long.parseUnsignedLong(name.substring("journal-".length(), name.length() - SUFFIX.length()), 16);
    }

    Path file(long number) {
        return directory.resolve(String.format("journal-%016x%s", number, SUFFIX));
    }

    Path unfinished(long number) {
        return directory.resolve(String.format("journal-%016x.tmp", number));
    }

    Path reserve() {
        return directory.resolve("reserve");
    }

    void finish(long number) throws IOException {
        restrict(unfinished(number), "rw-------");
        Files.move(unfinished(number), file(number), StandardCopyOption.ATOMIC_MOVE);
    }

    void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException left) {
            // the next start removes it, and one more journal of a lower number does no harm
            return;
        }
    }

    private static void restrict(Path path, String permissions) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    @Override
    public void close() {
        try {
            lock.release();
        } catch (IOException closedBelow) {
            // the lock ends with its channel
        }
        close(channel);
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException harmless) {
            return;
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
