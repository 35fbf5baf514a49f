package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.DiskFile;
import io.tinyllm.cache.disk.owned.DirectoryInUseException;
import io.tinyllm.cache.disk.owned.OwnedDirectory;
import io.tinyllm.cache.snapshot.FileName.Kind;
import io.tinyllm.cache.snapshot.figures.SnapshotInfo;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the snapshot files, which belongs to one process at a time. A file appears under its name only once
 * it is whole and on the disk; the latest generations of each cache are kept. Thread-safe, given that one thread at a
 * time works on a cache.
 */
public final class SnapshotStore implements AutoCloseable {

    private static final Log log = LogFactory.getLog(SnapshotStore.class);
    private static final int BUFFER = 1 << 16;
    private static final String PROPERTY = "tinyllm.cache.snapshots.directory";

    private static final String LOCK = ".lock";

    /** The file of evictions by tag, which files of entries may not know of. */
    private static final String EVICTIONS = "evicted-tags.bin";

    private static final String EVICTIONS_TEMPORARY = EVICTIONS + ".tmp";

    private final Disk disk;
    private final Path path;
    private final int generations;
    private final boolean compress;

    /** Guarded by this. */
    private OwnedDirectory owned;

    /** Guarded by this. */
    private boolean closed;

    /** How often the directory was made anew, since it had been removed or renamed. Guarded by this. */
    /** Written under the monitor, read without it: health must not wait for a disk. */
    private volatile long losses;

    private SnapshotStore(Disk disk, Path path, OwnedDirectory owned, int generations, boolean compress) {
        this.disk = disk;
        this.path = path;
        this.owned = owned;
        this.generations = generations;
        this.compress = compress;
    }

    /**
     * Takes a directory, creates it if need be, and sweeps what a crash left unfinished.
     * @param directory the directory
     * @param generations how many files to keep of each cache, at least one
     * @param compress whether to compress new files
     * @throws SnapshotException if the directory cannot be used, or another process uses it
     */
    public static SnapshotStore open(Path directory, int generations, boolean compress) {
        return open(Disk.local(), directory, generations, compress);
    }

    static SnapshotStore open(Disk disk, Path directory, int generations, boolean compress) {
        return new SnapshotStore(disk, directory, takeOrRefuse(disk, directory), generations, compress);
    }

    private static OwnedDirectory takeOrRefuse(Disk disk, Path directory) {
        try {
            OwnedDirectory owned = take(disk, directory);
            try {
                sweep(owned);
            } catch (IOException e) {
                owned.close();
                throw e;
            }
            return owned;
        } catch (DirectoryInUseException e) {
            throw new SnapshotException(
                    "The snapshot directory " + directory.toAbsolutePath()
                            + " is in use by another process. Give each process its own (" + PROPERTY + ").",
                    e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new SnapshotException(
                    "The snapshot directory " + directory.toAbsolutePath()
                            + " cannot be created or written. Change its permissions or " + PROPERTY + ".",
                    e);
        }
    }

    private static OwnedDirectory take(Disk disk, Path directory) throws IOException {
        return OwnedDirectory.open(
                disk,
                directory,
                LOCK,
                name -> FileName.parse(name) != null || name.equals(EVICTIONS) || name.equals(EVICTIONS_TEMPORARY));
    }

    /** The directory; taken once more where it was removed or renamed in the meantime. */
    private synchronized OwnedDirectory owned() throws IOException {
        if (!owned.isIntact()) {
            OwnedDirectory next = take(disk, path);
            closeQuietly(owned);
            owned = next;
            losses++;
            log.warn("The snapshot directory " + next + " had been removed or renamed, and is made anew");
        }
        return owned;
    }

    /** Returns how often the directory has been made anew, since it had been removed or renamed. */
    long losses() {
        return losses;
    }

    /** Looks whether the directory is there, makes it anew where it is not, and returns how often it was. */
    synchronized long lookForLosses() throws IOException {
        owned();
        return losses;
    }

    /** Writes the content of a file. */
    @FunctionalInterface
    interface Content {

        /** Writes everything, and leaves the file open. */
        void writeTo(OutputStream out, boolean compressed, long generation) throws IOException;
    }

    /** A snapshot in the directory. */
    record Stored(Path path, FileName name) {}

    /** Adds a generation of a cache, and drops the oldest; after an exception everything is as it was before. */
    void save(String cache, Content content) throws IOException {
        FileName name = new FileName(FileName.encode(cache), nextGeneration(cache), compress, Kind.SNAPSHOT);
        OwnedDirectory directory = owned();
        String temporary = name.as(Kind.TEMPORARY).text();
        boolean whole = false;
        try {
            try (DiskFile file = directory.create(temporary)) {
                OutputStream out = new BufferedOutputStream(file.output(), BUFFER);
                content.writeTo(out, compress, name.generation());
                out.flush();
                file.force();
            }
            directory.rename(temporary, name.text());
            whole = true;
        } finally {
            if (!whole) {
                deleteQuietly(directory, temporary);
            }
        }
        keepLatest(cache, Kind.SNAPSHOT);
    }

    /** The snapshots of a cache, newest first. */
    List<Stored> generations(String cache) throws IOException {
        return stored(cache, Kind.SNAPSHOT);
    }

    /** Opens a snapshot, still compressed. */
    InputStream read(Stored stored) throws IOException {
        return new BufferedInputStream(Channels.newInputStream(open(stored)), BUFFER);
    }

    private SeekableByteChannel open(Stored stored) throws IOException {
        return owned().open(stored.name().text()).channel();
    }

    /** Reads the footer of a snapshot. */
    Footer footer(Stored stored) throws IOException {
        try (SeekableByteChannel channel = open(stored)) {
            return Footer.readLast(channel, stored.name().compressed());
        }
    }

    /** Reads the description of a snapshot, unverified. */
    SnapshotInfo describe(String cache, Stored stored) throws IOException {
        Footer footer = footer(stored);
        try (SeekableByteChannel channel = open(stored)) {
            return new SnapshotInfo(
                    cache, stored.name().generation(), footer.savedAt(), footer.entries(), channel.size());
        }
    }

    /** Takes a bad snapshot out of the way, and keeps it for whoever wants to look, one of a cache. */
    void setAside(String cache, Stored stored) throws IOException {
        owned().rename(stored.name().text(), stored.name().as(Kind.CORRUPT).text());
        keepLatest(cache, Kind.CORRUPT);
    }

    /** Deletes every file of a cache, and answers whether there was one. */
    boolean delete(String cache) throws IOException {
        boolean any = false;
        for (Kind kind : Kind.values()) {
            for (Stored stored : stored(cache, kind)) {
                owned().delete(stored.name().text());
                any = true;
            }
        }
        owned().sync();
        return any;
    }

    /** The names of the caches that have snapshots, as their files say. */
    Set<String> caches() throws IOException {
        Map<String, Stored> newest = new HashMap<>();
        for (Stored stored : all(Kind.SNAPSHOT)) {
            newest.merge(
                    stored.name().cache(),
                    stored,
                    (a, b) -> a.name().generation() > b.name().generation() ? a : b);
        }
        Set<String> names = new TreeSet<>();
        for (Stored stored : newest.values()) {
            try (InputStream in = read(stored)) {
                String name = SnapshotReader.nameIn(in, stored.name().compressed());
                if (FileName.encode(name).equals(stored.name().cache())) {
                    names.add(name);
                }
            } catch (IOException unreadable) {
                log.debug("Cannot read the head of snapshot " + stored.path());
            }
        }
        return names;
    }

    /** Reads what was evicted by tag, null where nothing was written. */
    public byte @Nullable [] readEvictions() throws IOException {
        OwnedDirectory directory = owned();
        if (!directory.names().contains(EVICTIONS)) {
            return null;
        }
        try (DiskFile file = directory.open(EVICTIONS)) {
            byte[] content = new byte[Math.toIntExact(file.size())];
            file.readFully(0, content, 0, content.length);
            return content;
        }
    }

    /** Writes what was evicted by tag; it is on the disk when this returns. */
    public void writeEvictions(byte[] content) throws IOException {
        OwnedDirectory directory = owned();
        directory.delete(EVICTIONS_TEMPORARY);
        try (DiskFile file = directory.create(EVICTIONS_TEMPORARY)) {
            file.write(0, content, 0, content.length);
            file.force();
        }
        directory.rename(EVICTIONS_TEMPORARY, EVICTIONS);
    }

    /** The directory itself, with no link in its path. */
    synchronized Path directory() {
        return owned.path();
    }

    /** Leaves the directory to others, until it is {@linkplain #reopen taken again}. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            closeQuietly(owned);
        }
    }

    /**
     * Takes the directory again after {@link #close}.
     * @throws SnapshotException as {@link #open} does
     */
    synchronized void reopen() {
        if (closed) {
            owned = takeOrRefuse(disk, path);
            closed = false;
        }
    }

    private static void closeQuietly(OwnedDirectory directory) {
        try {
            directory.close();
        } catch (IOException e) {
            log.debug("Cannot release the lock of " + directory, e);
        }
    }

    private static void sweep(OwnedDirectory directory) throws IOException {
        for (String name : directory.names()) {
            FileName parsed = FileName.parse(name);
            if (parsed != null && parsed.kind() == Kind.TEMPORARY) {
                deleteQuietly(directory, name);
            }
        }
    }

    private void keepLatest(String cache, Kind kind) throws IOException {
        List<Stored> files = stored(cache, kind);
        int kept = kind == Kind.SNAPSHOT ? generations : 1;
        for (Stored old : files.subList(Math.min(kept, files.size()), files.size())) {
            deleteQuietly(owned(), old.name().text());
        }
    }

    private long nextGeneration(String cache) throws IOException {
        long highest = 0;
        for (Kind kind : Kind.values()) {
            for (Stored stored : stored(cache, kind)) {
                highest = Math.max(highest, stored.name().generation());
            }
        }
        return highest + 1;
    }

    private List<Stored> stored(String cache, Kind kind) throws IOException {
        String encoded = FileName.encode(cache);
        List<Stored> files = new ArrayList<>(all(kind));
        files.removeIf(stored -> !stored.name().cache().equals(encoded));
        files.sort(Comparator.comparingLong((Stored stored) -> stored.name().generation())
                .reversed());
        return files;
    }

    private List<Stored> all(Kind kind) throws IOException {
        List<Stored> files = new ArrayList<>();
        for (String text : owned().names()) {
            FileName name = FileName.parse(text);
            if (name != null && name.kind() == kind) {
                files.add(new Stored(owned().path().resolve(text), name));
            }
        }
        return files;
    }

    private static void deleteQuietly(OwnedDirectory directory, String name) {
        try {
            directory.delete(name);
        } catch (IOException e) {
            log.debug("Cannot delete " + name + " in " + directory, e);
        }
    }
}
