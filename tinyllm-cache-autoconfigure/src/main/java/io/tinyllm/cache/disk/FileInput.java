package io.tinyllm.cache.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A file as a channel to read from. Not thread-safe. */
final class FileInput implements SeekableByteChannel {

    private static final int CHUNK = 1 << 16;

    private final DiskFile file;
    private long position;
    private boolean closed;

    FileInput(DiskFile file) {
        this.file = file;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        byte[] bytes = new byte[Math.min(CHUNK, into.remaining())];
        int read = file.read(position, bytes, 0, bytes.length);
        if (read > 0) {
            into.put(bytes, 0, read);
            position += read;
        }
        return read;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long next) {
        position = next;
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        file.close();
    }
}
