package io.tinyllm.cache.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A real file system that writes down what was asked of it, and has as much space, and fails in as much, as a test
 * says. It writes what there is room for before it says that there is no more, as disks do.
 */
public final class FaultyDisk implements Disk {

    /** Asked before each call; what it throws, the call throws. */
    public interface Fault {

        void before(String call, Path path) throws IOException;
    }

    /** The calls so far, but for writes, reads and look-ups. */
    public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    /** The bytes that are left. Writing over what is there takes none. */
    public volatile long space = Long.MAX_VALUE;

    /** The name of the call that fails, or "everything". */
    public volatile String failing = "nothing";

    public volatile Fault fault = (call, path) -> {};

    private final Disk disk = Disk.local();

    /** The number of calls of a name so far. */
    public long count(String call) {
        return List.copyOf(calls).stream()
                .filter(each -> each.startsWith(call + " "))
                .count();
    }

    private void note(String call, Path path) throws IOException {
        calls.add(call + " " + path.getFileName());
        check(call, path);
    }

    private void check(String call, Path path) throws IOException {
        if (call.equals(failing) || failing.equals("everything")) {
            throw new IOException("Input/output error");
        }
        fault.before(call, path);
    }

    @Override
    public Path createDirectory(Path directory) throws IOException {
        note("directory", directory);
        return disk.createDirectory(directory);
    }

    @Override
    public DiskFile create(Path path) throws IOException {
        note("create", path);
        return new FaultyFile(disk.create(path), path);
    }

    @Override
    public DiskFile open(Path path) throws IOException {
        note("open", path);
        return new FaultyFile(disk.open(path), path);
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
    }

    @Override
    public List<Path> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public @Nullable Entry look(Path path) throws IOException {
        return disk.look(path);
    }

    private final class FaultyFile implements DiskFile {

        private final DiskFile file;
        private final Path path;

        FaultyFile(DiskFile file, Path path) {
            this.file = file;
            this.path = path;
        }

        @Override
        public void write(long position, byte[] bytes, int offset, int length) throws IOException {
            check("write", path);
            long more = Math.max(0, position + length - Math.max(position, file.size()));
            synchronized (FaultyDisk.this) {
                if (more > space) {
                    int fits = (int) (length - (more - space));
                    space = 0;
                    file.write(position, bytes, offset, fits);
                    throw new IOException("No space left on device");
                }
                space -= more;
            }
            file.write(position, bytes, offset, length);
            check("written", path);
        }

        @Override
        public int read(long position, byte[] bytes, int offset, int length) throws IOException {
            check("read", path);
            return file.read(position, bytes, offset, length);
        }

        @Override
        public void force() throws IOException {
            // noted alone: a test cannot cut the power, and a busy disk takes its time
            note("sync", path);
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public void close() throws IOException {
            file.close();
            note("close", path);
        }
    }
}
