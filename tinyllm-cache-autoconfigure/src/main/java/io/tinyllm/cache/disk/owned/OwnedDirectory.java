package io.tinyllm.cache.disk.owned;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.DiskFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A directory that belongs to one process at a time, from {@link #open} to {@link #close}. Only ordinary files of this
 * process' user under names of the owner are listed, read and deleted; whatever else lies there is left alone. New
 * files are for their user alone from the moment they exist. Thread-safe; nothing is null.
 *
 * <p>The directory may be removed or renamed while it is owned, and its lock with it: {@link #isIntact} tells, and a
 * new {@link #open} of the same path takes what is there then.
 */
public final class OwnedDirectory implements AutoCloseable {

    private static final String PROBE = ".probe-";

    private final Disk disk;
    private final Path directory;
    private final DirectoryLock lock;
    private final String owner;
    private final Predicate<String> ours;

    private OwnedDirectory(Disk disk, Path directory, DirectoryLock lock, String owner, Predicate<String> ours) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
        this.owner = owner;
        this.ours = ours;
    }

    /**
     * Takes a directory, and creates it if need be.
     *
     * @param path the directory; a link to one is followed
     * @param lockName the name of the file that is locked
     * @param ours whether a file of such a name is the owner's
     * @throws DirectoryInUseException if another process has it, or another part of this one
     * @throws IOException if it cannot be created or written, or its lock is no file of this user
     */
    public static OwnedDirectory open(Disk disk, Path path, String lockName, Predicate<String> ours)
            throws IOException {
        Path directory = disk.createDirectory(path);
        String owner = probe(disk, directory);
        Path lockFile = directory.resolve(lockName);
        DirectoryLock lock = DirectoryLock.take(disk, lockFile);
        if (lock == null) {
            throw new DirectoryInUseException("The directory " + directory + " is in use by another process");
        }
        Disk.Entry locked = disk.look(lockFile);
        if (locked == null || !locked.owner().equals(owner)) {
            lock.close();
            throw new FileSystemException(
                    lockFile.toString(), null, "of another user" + (locked == null ? "" : ", " + locked.owner()));
        }
        return new OwnedDirectory(disk, directory, lock, owner, ours);
    }

    /**
     * Takes a directory within another, as {@link #open}, but follows no link to it.
     *
     * @param name its name, see {@link SafeName}
     */
    public static OwnedDirectory openWithin(
            Disk disk, Path parent, String name, String lockName, Predicate<String> ours) throws IOException {
        Path path = disk.createDirectory(parent).resolve(name);
        Disk.Entry there = disk.look(path);
        if (there != null && there.kind() != Disk.Kind.DIRECTORY) {
            throw new FileSystemException(path.toString(), null, "not a directory");
        }
        return open(disk, path, lockName, ours);
    }

    /** The user whose files this process makes here, which proves that it can. */
    private static String probe(Disk disk, Path directory) throws IOException {
        Path probe = directory.resolve(PROBE + UUID.randomUUID());
        try {
            disk.create(probe).close();
            Disk.Entry made = disk.look(probe);
            return made == null ? "" : made.owner();
        } finally {
            disk.delete(probe);
        }
    }

    /** The directory itself, with no link in its path. */
    public Path path() {
        return directory;
    }

    /** The names of the owner's files, in no order. */
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path path : disk.list(directory)) {
            String name = String.valueOf(path.getFileName());
            if (ours.test(name) && isOurs(disk.look(path))) {
                names.add(name);
            }
        }
        return names;
    }

    /** The names that are the owner's, of things that are not: links, pipes, files of other users. */
    public List<String> strangers() throws IOException {
        List<String> names = new ArrayList<>();
        for (Path path : disk.list(directory)) {
            String name = String.valueOf(path.getFileName());
            if (ours.test(name) && !isOurs(disk.look(path))) {
                names.add(name);
            }
        }
        return names;
    }

    private boolean isOurs(Disk.@Nullable Entry entry) {
        return entry != null && entry.kind() == Disk.Kind.FILE && entry.owner().equals(owner);
    }

    /** Creates a file; fails if the name is taken. */
    public DiskFile create(String name) throws IOException {
        return disk.create(file(name));
    }

    /** Opens a file for reading. */
    public DiskFile open(String name) throws IOException {
        Path path = file(name);
        if (!isOurs(disk.look(path))) {
            throw new FileSystemException(path.toString(), null, "no file of this user");
        }
        return disk.open(path);
    }

    /** Renames a file, atomically, and makes that survive a loss of power. */
    public void rename(String from, String to) throws IOException {
        disk.rename(file(from), file(to));
        sync();
    }

    /** Deletes a file of the owner's, if it is there. */
    public void delete(String name) throws IOException {
        disk.delete(file(name));
    }

    /** Makes the creations, renames and deletions so far survive a loss of power. */
    public void sync() throws IOException {
        disk.syncDirectory(directory);
    }

    /**
     * The identity of the file that a name leads to at present; equal as long as it is the same file. Null if there is
     * none.
     */
    public @Nullable Object identity(String name) throws IOException {
        Disk.Entry entry = disk.look(file(name));
        return entry == null ? null : entry.key();
    }

    /**
     * Returns whether this process is still the owner of what lies at the path: neither directory nor lock has gone.
     */
    public boolean isIntact() {
        return lock.isIntact();
    }

    private Path file(String name) {
        Path path = directory.resolve(name);
        if (!ours.test(name) || !directory.equals(path.normalize().getParent())) {
            throw new IllegalArgumentException("Not a name of the owner of " + directory);
        }
        return path;
    }

    /** Leaves the directory to others. */
    @Override
    public void close() throws IOException {
        lock.close();
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
