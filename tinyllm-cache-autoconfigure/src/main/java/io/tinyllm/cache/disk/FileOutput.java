package io.tinyllm.cache.disk;

import java.io.IOException;
import java.io.OutputStream;

/** A file from its beginning. Not thread-safe. */
final class FileOutput extends OutputStream {

    private final DiskFile file;
    private long position;

    FileOutput(DiskFile file) {
        this.file = file;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        file.write(position, bytes, offset, length);
        position += length;
    }
}
