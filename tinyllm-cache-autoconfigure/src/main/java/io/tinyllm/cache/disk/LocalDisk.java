package io.tinyllm.cache.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The file system of this machine. */
public final class LocalDisk implements Disk {

    private static final FileAttribute<?>[] NONE = {};

    @Override
    public Path createDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, ownerOnly(directory, "rwx------"));
        }
        return directory.toRealPath();
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        Set<OpenOption> options = Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        FileChannel channel = FileChannel.open(file, options, ownerOnly(file, "rw-------"));
        return opened(file, channel, StandardOpenOption.WRITE);
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        // a pipe would make the call below wait for whoever writes into it
        Entry before = ordinary(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        DiskFile opened = opened(file, channel, StandardOpenOption.READ);
        if (!before.equals(look(file))) {
            opened.close();
            throw new FileSystemException(file.toString(), null, "replaced while it was opened");
        }
        return opened;
    }

    private DiskFile opened(Path file, FileChannel channel, OpenOption mode) throws IOException {
        try {
            Object key = ordinary(file).key();
            return new LocalFile(channel, () -> reopen(file, key, mode));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private FileChannel reopen(Path file, Object key, OpenOption mode) throws IOException {
        if (!ordinary(file).key().equals(key)) {
            throw new FileSystemException(file.toString(), null, "replaced by another");
        }
        return FileChannel.open(file, Set.of(StandardOpenOption.READ, mode, LinkOption.NOFOLLOW_LINKS));
    }

    private Entry ordinary(Path file) throws IOException {
        Entry entry = look(file);
        if (entry == null) {
            throw new NoSuchFileException(file.toString());
        }
        if (entry.kind() != Kind.FILE) {
            throw new FileSystemException(file.toString(), null, "not an ordinary file");
        }
        return entry;
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (!isPosix(directory)) {
            // Elsewhere a directory cannot be opened, and its entries need no syncing.
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(all::add);
        }
        return all;
    }

    @Override
    public @Nullable Entry look(Path path) throws IOException {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Kind kind = found.isRegularFile() ? Kind.FILE : found.isDirectory() ? Kind.DIRECTORY : Kind.OTHER;
            Object key = found.fileKey();
            return new Entry(kind, key == null ? found.creationTime() : key, owner(path));
        } catch (NoSuchFileException nothing) {
            return null;
        }
    }

    private static String owner(Path path) throws IOException {
        FileOwnerAttributeView view =
                Files.getFileAttributeView(path, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        return view == null ? "" : Objects.toString(view.getOwner(), "");
    }

    /** The attributes of a file with these permissions, none where the file system has no such thing. */
    public static FileAttribute<?>[] ownerOnly(Path path, String permissions) {
        if (!isPosix(path)) {
            return NONE;
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        };
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
