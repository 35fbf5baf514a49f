package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Journals of a cache named "cache" below a directory. */
final class Journals {

    static final String CACHE = "cache";

    private Journals() {}

    static FileJournal open(Path parent, Disk disk, Fsync fsync, LongSupplier ticker, long worthRenewing) {
        return open(parent, disk, fsync, ticker, worthRenewing, new StringCodec());
    }

    static FileJournal open(
            Path parent, Disk disk, Fsync fsync, LongSupplier ticker, long worthRenewing, JournalCodec codec) {
        return JournalOpening.open(JournalFiles.open(disk, parent, CACHE, fsync), codec, fsync, ticker, worthRenewing);
    }

    static Operation append(Journal journal, Object key, @Nullable Object value) throws IOException {
        return journal.append(journal.prepare(key, value));
    }

    /** What a journal has recovered, values that cannot be read as "?". */
    static Map<Object, Object> contents(Journal journal) {
        Map<Object, Object> contents = new LinkedHashMap<>();
        for (Journal.Recovered left : journal.recovered()) {
            contents.put(left.operation().key(), value(left.operation()));
        }
        return contents;
    }

    private static Object value(Operation operation) {
        try {
            Object value = operation.load();
            return value == null ? "deleted" : value;
        } catch (UnreadableException e) {
            return "?";
        }
    }

    static Path directory(Path parent) {
        return parent.resolve(CACHE);
    }

    static List<Path> files(Path parent, String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory(parent))) {
            return files.filter(path -> path.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    /** The only segment. */
    static Path segment(Path parent) throws IOException {
        List<Path> segments = files(parent, ".log");
        if (segments.size() != 1) {
            throw new AssertionError("Not one segment: " + segments);
        }
        return segments.get(0);
    }

    static long bytes(Path parent) throws IOException {
        long bytes = 0;
        for (Path path : files(parent, "")) {
            bytes += Files.size(path);
        }
        return bytes;
    }
}
