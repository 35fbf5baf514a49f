package io.tinyllm.cache.write;

import java.io.IOException;
import java.nio.file.Path;

/** Real files on a disk that fills up, or breaks; it writes what there is room for before it says so, as disks do. */
final class LimitedDisk implements JournalFile.Opener {

    volatile long room = Long.MAX_VALUE;
    volatile boolean broken;
    volatile int forced;

    @Override
    public JournalFile open(Path path) throws IOException {
        check();
        JournalFile file = JournalFile.open(path);
        return new JournalFile() {
            @Override
            public void append(byte[] bytes, int length) throws IOException {
                check();
                int fits = (int) Math.min(room, length);
                file.append(bytes, fits);
                room -= fits;
                if (fits < length) {
                    throw new IOException("No space left on device");
                }
            }

            @Override
            public byte[] read(long offset, int length) throws IOException {
                return file.read(offset, length);
            }

            @Override
            public void force() throws IOException {
                check();
                forced++;
                file.force();
            }

            @Override
            public void truncate(long size) throws IOException {
                check();
                file.truncate(size);
            }

            @Override
            public long size() throws IOException {
                return file.size();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private void check() throws IOException {
        if (broken) {
            throw new IOException("Input/output error");
        }
    }
}
