package io.tinyllm.cache.write;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** The file under a journal: what a disk can refuse. Used by one thread at a time, but for {@link #force}. */
interface JournalFile extends Closeable {

    /** Hands bytes to the operating system, at the end of the file. */
    void append(byte[] bytes, int length) throws IOException;

    byte[] read(long offset, int length) throws IOException;

    /** Waits until the disk has everything. */
    void force() throws IOException;

    void truncate(long size) throws IOException;

    long size() throws IOException;

    /** Opens files. */
    interface Opener {
        JournalFile open(Path path) throws IOException;
    }

    /**
     * A file of the file system. Not a {@code FileChannel}, which an interrupt of the writing thread, a caller's here,
     * closes for everyone.
     */
    static JournalFile open(Path path) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        file.seek(file.length());
        return new JournalFile() {
            @Override
            public void append(byte[] bytes, int length) throws IOException {
                file.write(bytes, 0, length);
            }

            @Override
            public byte[] read(long offset, int length) throws IOException {
                byte[] bytes = new byte[length];
                file.seek(offset);
                file.readFully(bytes);
                file.seek(file.length());
                return bytes;
            }

            @Override
            public void force() throws IOException {
                file.getFD().sync();
            }

            @Override
            public void truncate(long size) throws IOException {
                file.setLength(size);
                file.seek(size);
            }

            @Override
            public long size() throws IOException {
                return file.length();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
