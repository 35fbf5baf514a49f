package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A store in a file: key "n" is the n-th long, 0 if there is none. What it has accepted survives the process. */
final class SlotStore implements BackingStore<String, String>, Closeable {

    private final RandomAccessFile file;

    SlotStore(Path path) throws IOException {
        file = new RandomAccessFile(path.toFile(), "rw");
    }

    @Override
    public Set<String> cacheNames() {
        return Set.of("cache");
    }

    @Override
    public synchronized @Nullable String load(String key) {
        try {
            long offset = 8L * Integer.parseInt(key);
            if (offset >= file.length()) {
                return null;
            }
            file.seek(offset);
            long value = file.readLong();
            return value == 0 ? null : Long.toString(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void writeAll(Map<String, String> entries) {
        takeTime();
        entries.forEach((key, value) -> write(key, Long.parseLong(value)));
    }

    @Override
    public synchronized void deleteAll(Collection<String> keys) {
        takeTime();
        keys.forEach(key -> write(key, 0));
    }

    /** So that kills find writes that are on their way. */
    private static void takeTime() {
        LockSupport.parkNanos(500_000);
    }

    private void write(String key, long value) {
        try {
            byte[] bytes = new byte[8];
            for (int i = 0; i < 8; i++) {
                bytes[i] = (byte) (value >>> (56 - 8 * i));
            }
            file.seek(8L * Integer.parseInt(key));
            file.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
