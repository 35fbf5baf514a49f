package io.tinyllm.cache.disk.owned;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.LocalDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file that is locked by one process at a time. The operating system lets go of it when the process ends. */
final class DirectoryLock implements AutoCloseable {

    /**
     * The keys of the locked files: on many systems a second handle of this process, when closed, ends the lock of
     * the first.
     */
    private static final Set<Object> HELD = new HashSet<>();

    private final Disk disk;
    private final Path file;
    private final FileChannel channel;
    private final Object key;

    private DirectoryLock(Disk disk, Path file, FileChannel channel, Object key) {
        this.disk = disk;
        this.file = file;
        this.channel = channel;
        this.key = key;
    }

    /** Locks a file, which is made if there is none; null if it is locked. */
    static @Nullable DirectoryLock take(Disk disk, Path file) throws IOException {
        synchronized (HELD) {
            Disk.Entry there = disk.look(file);
            if (there != null && HELD.contains(there.key())) {
                return null;
            }
            if (there != null && there.kind() != Disk.Kind.FILE) {
                throw new FileSystemException(file.toString(), null, "not an ordinary file");
            }
            Set<OpenOption> options =
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            FileChannel channel = FileChannel.open(file, options, LocalDisk.ownerOnly(file, "rw-------"));
            DirectoryLock taken = null;
            try {
                FileLock lock = channel.tryLock();
                Disk.Entry locked = disk.look(file);
                if (lock != null && locked != null) {
                    taken = new DirectoryLock(disk, file, channel, locked.key());
                    HELD.add(locked.key());
                }
            } catch (OverlappingFileLockException takenHere) {
                // as if another process had it
            } finally {
                if (taken == null) {
                    channel.close();
                }
            }
            return taken;
        }
    }

    /** Returns whether the locked file is still the one that others find. */
    boolean isIntact() {
        try {
            Disk.Entry there = disk.look(file);
            return there != null && there.key().equals(key);
        } catch (IOException unknown) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            HELD.remove(key);
            channel.close();
        }
    }
}
