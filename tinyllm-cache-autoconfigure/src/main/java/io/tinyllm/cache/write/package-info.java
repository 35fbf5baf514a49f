/**
 * Write policies over a backing store: write-through, write-around, and write-back with a journal.
 *
 * <p>{@link io.tinyllm.cache.write.WritePolicies} makes them, {@link io.tinyllm.cache.write.StoreWriter} is what a
 * cache sees. Write-back is four parts: the {@code DirtyBuffer} knows the last operation of every dirty key and who
 * may write it, the {@code Flusher} brings batches to the store, the {@code BatchWriter} finds what the store refuses
 * in a batch, and the {@code Journal} keeps what is acknowledged and not yet stored.
 *
 * <p>The journal is a log of its own rather than an embedded store: a sequence of segments that are written once
 * and in order. A segment with a failed write or fsync is closed and never touched again; the next begins. A
 * write is acknowledged when it would survive the end of the process, so it must be in the hands of the
 * operating system by then. An {@code MVStore} gives that only with a commit a write, each of which is a chunk
 * of at least one block with a new root page; its background commit, which makes it fast, acknowledges what is
 * still in memory. {@code WriteThroughput} among the tests measures both side by side. What is kept is small and
 * short-lived, and an index is not needed.
 */
@NullMarked
package io.tinyllm.cache.write;

import org.jspecify.annotations.NullMarked;
