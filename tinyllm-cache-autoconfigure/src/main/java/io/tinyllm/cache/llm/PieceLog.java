package io.tinyllm.cache.llm;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A stream that one writes and many read, each at its own speed and from the beginning. What has been read by all is
 * garbage once the past is {@linkplain #dropPast() dropped}; a reader that is slow holds up nobody and keeps no copy.
 * One thread writes at a time; any number read.
 * @param <T> what it is a stream of
 */
public final class PieceLog<T> {

    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();

    /** Before the first piece; null once the past is dropped. */
    private volatile @Nullable Node<T> head;

    private volatile Node<T> tail;
    private volatile boolean ended;
    private volatile @Nullable Throwable failure;

    /** Creates an empty log. */
    public PieceLog() {
        tail = new Node<>(null, 0);
        head = tail;
    }

    /** Adds a piece and tells the readers. */
    public void append(T piece) {
        Node<T> next = new Node<>(piece, tail.index + 1);
        tail.next = next;
        tail = next;
        signal();
    }

    /**
     * Ends the log and tells the readers. Only the first end counts.
     * @param cause why it ended before its end, null where it did not
     */
    public synchronized void end(@Nullable Throwable cause) {
        if (!ended) {
            failure = cause;
            ended = true;
            signal();
        }
    }

    /** Forgets what those who read now have read, and lets nobody begin to read any more. */
    public void dropPast() {
        head = null;
    }

    /**
     * Begins to read.
     * @param signal called, on any thread, when there may be something to read
     * @return the reader, null if the past has been dropped
     */
    public @Nullable Reader read(Runnable signal) {
        Node<T> start = head;
        if (start == null) {
            return null;
        }
        Reader reader = new Reader(start, signal);
        readers.add(reader);
        return reader;
    }

    /** Returns whether anybody reads. */
    public boolean isRead() {
        return !readers.isEmpty();
    }

    /** How many pieces the slowest reader has before it; none without readers. */
    public long behind() {
        long last = tail.index;
        long slowest = last;
        for (Reader reader : readers) {
            slowest = Math.min(slowest, reader.at.index);
        }
        return last - slowest;
    }

    private void signal() {
        for (Reader reader : readers) {
            reader.signal.run();
        }
    }

    /** One who reads. Confined to one thread at a time. */
    public final class Reader {

        private final Runnable signal;
        private volatile Node<T> at;

        private Reader(Node<T> start, Runnable signal) {
            this.at = start;
            this.signal = signal;
        }

        /** The next piece, null where there is none so far. */
        public @Nullable T next() {
            Node<T> next = at.next;
            if (next == null) {
                return null;
            }
            at = next;
            return next.piece;
        }

        /** Returns whether everything has been read and nothing comes any more. */
        public boolean atEnd() {
            return ended && at.next == null;
        }

        /** Why the log ended before its end, null where it did not. */
        public @Nullable Throwable failure() {
            return failure;
        }

        /** Reads no more. */
        public void close() {
            readers.remove(this);
        }
    }

    private static final class Node<T> {

        private final @Nullable T piece;
        private final long index;
        private volatile @Nullable Node<T> next;

        Node(@Nullable T piece, long index) {
            this.piece = piece;
            this.index = index;
        }
    }
}
