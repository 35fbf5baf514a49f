package io.tinyllm.cache.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * A file of this machine. An interrupt closes a {@code FileChannel} for everyone, so the interrupt is put off for the
 * time of a call; where one comes in the middle, the file is opened again and the call repeated, which is harmless
 * since every call names its position.
 */
final class LocalFile implements DiskFile {

    /** Small, as the JDK keeps a buffer of the longest call of each thread. */
    private static final int CHUNK = 1 << 16;

    /** Opens the file once more. */
    interface Opener {
        FileChannel open() throws IOException;
    }

    private final Opener opener;
    private FileChannel channel;
    private boolean closed;

    LocalFile(FileChannel channel, Opener opener) {
        this.channel = channel;
        this.opener = opener;
    }

    private interface Call {
        long on(FileChannel channel) throws IOException;
    }

    @Override
    public void write(long position, byte[] bytes, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int from = done;
            done += (int) uninterrupted(open ->
                    open.write(ByteBuffer.wrap(bytes, offset + from, Math.min(CHUNK, length - from)), position + from));
        }
    }

    @Override
    public int read(long position, byte[] bytes, int offset, int length) throws IOException {
        return (int) uninterrupted(
                open -> open.read(ByteBuffer.wrap(bytes, offset, Math.min(CHUNK, length)), position));
    }

    private long uninterrupted(Call call) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                FileChannel open = open(null);
                try {
                    return call.on(open);
                } catch (AsynchronousCloseException interruptedBelow) {
                    interrupted |= Thread.interrupted();
                    open(open);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The channel; another one if this is it. */
    private synchronized FileChannel open(@Nullable FileChannel broken) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (channel == broken || !channel.isOpen()) {
            channel = opener.open();
        }
        return channel;
    }

    /** Not repeated after an interrupt: that one call has failed would be lost. */
    @Override
    public void force() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            open(null).force(true);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public long size() throws IOException {
        return uninterrupted(FileChannel::size);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}
