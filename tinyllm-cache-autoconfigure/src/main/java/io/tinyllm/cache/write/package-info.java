/**
 * Write policies over a backing store: write-through, write-around, and write-back with a journal.
 *
 * <p>{@link io.tinyllm.cache.write.WritePolicies} makes them, {@link io.tinyllm.cache.write.StoreWriter} is what a
 * cache sees. Write-back is four parts: the {@code DirtyBuffer} knows the last operation of every dirty key and who
 * may write it, the {@code Flusher} brings batches to the store, the {@code BatchWriter} finds what the store refuses
 * in a batch, and the {@code Journal} keeps what is acknowledged and not yet stored.
 *
 * <p>The journal is a log of its own rather than an embedded store. A write is acknowledged when it would survive the
 * end of the process, so it must be in the hands of the operating system by then. An {@code MVStore} gives that only
 * with a commit a write, each of which is a chunk of at least one block with a new root page; its background commit,
 * which makes it fast, acknowledges what is still in memory. Measured side by side on two busy cores with values of
 * 200 bytes, fsync never: 26,000 writes a second with the journal against 240 with an {@code MVStore} on one thread,
 * 73,000 against 3,300 on four ({@code main} of {@code WriteThroughput} among the tests). What is kept is small and
 * short-lived, an index is not needed, and what remains of a log is an append, a checksum, and a rewrite of what is
 * live.
 */
@NullMarked
package io.tinyllm.cache.write;

import org.jspecify.annotations.NullMarked;
