package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.disk.DiskFile;
import io.tinyllm.cache.disk.owned.DirectoryInUseException;
import io.tinyllm.cache.disk.owned.OwnedDirectory;
import io.tinyllm.cache.disk.owned.SafeName;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The directory of the journal of one cache: {@code lock}, segments ({@code journal-<number>.log}), the reserve
 * ({@code .ends}), and what was set aside ({@code .damaged}, and {@code .v1} for the format before this one). Not
 * thread-safe, but for {@link #isIntact}.
 */
final class JournalFiles {

    private static final Log log = LogFactory.getLog(JournalFiles.class);

    private static final String PROPERTY = "tinyllm.cache.journal.directory";
    private static final String LOCK = "lock";
    private static final Pattern NAME = Pattern.compile("journal-([0-9a-f]{16})\\.(log|ends|damaged|v1)");
    private static final String SEGMENT = "log";
    private static final String ENDS = "ends";

    private final Disk disk;
    private final Path parent;
    private final String cache;
    private final Fsync fsync;
    private volatile OwnedDirectory directory;

    private JournalFiles(Disk disk, Path parent, String cache, Fsync fsync, OwnedDirectory directory) {
        this.disk = disk;
        this.parent = parent;
        this.cache = cache;
        this.fsync = fsync;
        this.directory = directory;
    }

    /**
     * Takes the directory of a cache.
     *
     * @param parent the directory of all journals
     * @throws JournalException if it cannot be used
     */
    static JournalFiles open(Disk disk, Path parent, String cache, Fsync fsync) {
        try {
            return new JournalFiles(disk, parent, cache, fsync, take(disk, parent, cache));
        } catch (DirectoryInUseException saidBelow) {
            throw new JournalException(
                    "The journal directory "
                            + parent.resolve(SafeName.of(cache)).toAbsolutePath()
                            + " is in use by another process or another cache manager. Give each of them a " + PROPERTY
                            + " of its own.",
                    null);
        } catch (IOException | UnsupportedOperationException e) {
            throw new JournalException(
                    "The journal directory "
                            + parent.resolve(SafeName.of(cache)).toAbsolutePath()
                            + " cannot be used: " + e + ". Set " + PROPERTY
                            + " to a directory that can be written, or write.journal to false.",
                    e);
        }
    }

    private static OwnedDirectory take(Disk disk, Path parent, String cache) throws IOException {
        return OwnedDirectory.openWithin(
                disk,
                parent,
                SafeName.of(cache),
                LOCK,
                name -> NAME.matcher(name).matches());
    }

    /**
     * The names of the caches that have journals below a directory, as their segments say. Reads only; what cannot be
     * read has no name.
     */
    static Set<String> caches(Disk disk, Path parent) {
        Set<String> caches = new TreeSet<>();
        try {
            for (Path path : disk.list(parent)) {
                Disk.Entry entry = disk.look(path);
                if (entry != null && entry.kind() == Disk.Kind.DIRECTORY) {
                    String name = nameIn(disk, path);
                    if (name != null && SafeName.of(name).equals(String.valueOf(path.getFileName()))) {
                        caches.add(name);
                    }
                }
            }
        } catch (IOException none) {
            log.debug("No journals in " + parent, none);
        }
        return caches;
    }

    private static @Nullable String nameIn(Disk disk, Path path) throws IOException {
        for (Path file : disk.list(path)) {
            Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
            if (name.matches() && name.group(2).equals(SEGMENT)) {
                try (DiskFile segment = disk.open(file)) {
                    Long mark = SegmentHeader.markOf(segment);
                    SegmentReader.Found first =
                            mark == null ? null : new SegmentReader(segment, mark).at(SegmentHeader.LENGTH);
                    SegmentReader.Field field = first == null || first.head().type() != JournalRecord.NAME
                            ? null
                            : first.field(JournalRecord.KEY);
                    if (field != null && mark != null) {
                        return new String(new SegmentReader(segment, mark).read(field), StandardCharsets.UTF_8);
                    }
                } catch (IOException unreadable) {
                    log.debug("Cannot read the name of " + file, unreadable);
                }
            }
        }
        return null;
    }

    /**
     * The files that are there: segments and reserves by their number, opened for reading. What is neither is set
     * aside.
     */
    List<Segment> segments() throws IOException {
        for (String stranger : directory.strangers()) {
            log.warn("Journal " + directory + ": " + stranger + " is a link, or of another user, and is left alone");
        }
        List<String> names = new ArrayList<>(directory.names());
        names.sort(Comparator.naturalOrder());
        List<Segment> segments = new ArrayList<>();
        List<String> former = new ArrayList<>();
        for (String name : names) {
            String kind = kind(name);
            if (kind.equals(SEGMENT) || kind.equals(ENDS)) {
                DiskFile file = directory.open(name);
                Long mark = SegmentHeader.markOf(file);
                if (mark != null) {
                    segments.add(segment(name, file, mark, file.size()));
                    continue;
                }
                boolean old = SegmentHeader.isFormer(file);
                boolean empty = !old && file.size() <= SegmentHeader.LENGTH;
                file.close();
                if (empty) {
                    directory.delete(name);
                } else {
                    former.add(setAside(name, old ? "v1" : "damaged"));
                }
            }
        }
        if (!former.isEmpty()) {
            log.warn("Journal " + directory
                    + ": not read and kept, since they are of an earlier release or no journals: " + former
                    + ". What they hold has not reached the store; see docs/write-policies.md");
        }
        segments.sort(Comparator.comparingLong(segment -> segment.number));
        return segments;
    }

    private Segment segment(String name, DiskFile file, long mark, long end) throws IOException {
        return new Segment(number(name), name, file, mark, identity(name), end);
    }

    private Object identity(String name) throws IOException {
        return Objects.requireNonNullElse(directory.identity(name), name);
    }

    static boolean isReserve(Segment segment) {
        return kind(segment.name).equals(ENDS);
    }

    /** The highest number that a file has, whatever its kind. */
    long highest() throws IOException {
        long highest = 0;
        for (String name : directory.names()) {
            highest = Math.max(highest, number(name));
        }
        for (String name : directory.strangers()) {
            highest = Math.max(highest, number(name));
        }
        return highest;
    }

    private static long number(String name) {
        Matcher matcher = NAME.matcher(name);
        // the numbers of this process are small; a foreign one must not make the next one negative
        return matcher.matches() ? Long.parseUnsignedLong(matcher.group(1), 16) & Long.MAX_VALUE >> 1 : 0;
    }

    private static String kind(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static String name(long number, String kind) {
        return String.format("journal-%016x.%s", number, kind);
    }

    /** Begins a segment, which says the name of its cache first. */
    Segment create(long number) throws IOException {
        String name = name(number, SEGMENT);
        long mark = mark();
        byte[] first = JournalRecord.name(cache);
        JournalRecord.seal(first, 0, first.length, mark);
        DiskFile file = begin(name, SegmentHeader.of(mark), first);
        return segment(name, file, mark, SegmentHeader.LENGTH + first.length);
    }

    Reserve reserve(long number) throws IOException {
        String name = name(number, ENDS);
        long mark = mark();
        byte[] zeros = new byte[Reserve.SIZE - SegmentHeader.LENGTH];
        DiskFile file = begin(name, SegmentHeader.of(mark), zeros);
        try {
            if (fsync != Fsync.NEVER) {
                file.force();
            }
        } catch (IOException e) {
            discard(name, file);
            throw e;
        }
        return new Reserve(name, identity(name), file, mark, fsync == Fsync.ALWAYS);
    }

    private static long mark() {
        // from a secure source, and never 0
        return UUID.randomUUID().getMostSignificantBits();
    }

    private DiskFile begin(String name, byte[] header, byte[] content) throws IOException {
        DiskFile file = directory.create(name);
        try {
            file.write(0, header, 0, header.length);
            file.write(header.length, content, 0, content.length);
            return file;
        } catch (IOException | RuntimeException | Error e) {
            discard(name, file);
            throw e;
        }
    }

    private void discard(String name, DiskFile file) {
        close(file);
        delete(name);
    }

    /** Closes a segment for good, and deletes it; one with damage is set aside instead. */
    void drop(Segment segment) {
        close(segment.file);
        if (segment.damaged && !isReserve(segment)) {
            try {
                setAside(segment.name, "damaged");
                return;
            } catch (IOException e) {
                log.debug("Cannot set aside " + segment.name + " of journal " + directory, e);
                return;
            }
        }
        delete(segment.name);
    }

    /** Closes a segment that was begun in vain, and deletes it. */
    void discard(Segment segment) {
        discard(segment.name, segment.file);
    }

    void drop(Reserve reserve) {
        reserve.close();
        delete(reserve.name);
    }

    private void delete(String name) {
        try {
            directory.delete(name);
        } catch (IOException left) {
            // it is void, and the next start deletes it
            log.debug("Cannot delete " + name + " of journal " + directory, left);
        }
    }

    private String setAside(String name, String kind) throws IOException {
        String aside = name(number(name), kind);
        directory.rename(name, aside);
        return aside;
    }

    void sync() throws IOException {
        directory.sync();
    }

    /** Returns whether what others find under the path is what this process writes to. */
    boolean isIntact(List<Segment> segments, @Nullable Reserve reserve) {
        OwnedDirectory now = directory;
        if (!now.isIntact()) {
            return false;
        }
        try {
            for (Segment segment : segments) {
                if (!segment.identity.equals(now.identity(segment.name))) {
                    return false;
                }
            }
            return reserve == null || reserve.identity.equals(now.identity(reserve.name));
        } catch (IOException unknown) {
            return false;
        }
    }

    /**
     * Takes the directory anew where it, or its lock, was removed or renamed.
     *
     * @param known what the names of this journal led to
     * @throws IOException if another process has it, or has written to it
     */
    void retake(Set<Object> known) throws IOException {
        if (!directory.isIntact()) {
            OwnedDirectory next = take(disk, parent, cache);
            for (String name : next.names()) {
                if (!known.contains(next.identity(name))
                        && (kind(name).equals(SEGMENT) || kind(name).equals(ENDS))) {
                    next.close();
                    throw new IOException(directory + " holds " + name + ", which another process has written");
                }
            }
            close();
            directory = next;
        }
    }

    void close() {
        try {
            directory.close();
        } catch (IOException harmless) {
            log.debug("Cannot release the lock of journal " + directory, harmless);
        }
    }

    static void close(DiskFile file) {
        try {
            file.close();
        } catch (IOException harmless) {
            log.debug("Cannot close a file of a journal", harmless);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
