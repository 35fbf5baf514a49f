package io.tinyllm.cache.snapshot;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file system that writes down what was asked of it, and has as much space, and fails in as much, as a test says. */
final class FaultyDisk implements Disk {

    final List<String> calls = new ArrayList<>();
    long space = Long.MAX_VALUE;
    String failing = "nothing";

    private final Disk disk = new LocalDisk();

    private void note(String call, Path path) throws IOException {
        calls.add(call + " " + path.getFileName());
        if (call.equals(failing)) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public Path createDirectory(Path directory) throws IOException {
        note("directory", directory);
        return disk.createDirectory(directory);
    }

    @Override
    public NewFile create(Path path) throws IOException {
        note("create", path);
        NewFile file = disk.create(path);
        return new NewFile() {

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (length > space) {
                    file.write(bytes, offset, (int) space);
                    space = 0;
                    throw new IOException("No space left on device");
                }
                space -= length;
                file.write(bytes, offset, length);
            }

            @Override
            void sync() throws IOException {
                note("sync", path);
                file.sync();
            }

            @Override
            public void close() throws IOException {
                file.close();
                note("close", path);
            }
        };
    }

    @Override
    public SeekableByteChannel open(Path path) throws IOException {
        note("open", path);
        return disk.open(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        note("rename", to);
        disk.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        note("delete", path);
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        note("syncDirectory", directory);
        disk.syncDirectory(directory);
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }
}
