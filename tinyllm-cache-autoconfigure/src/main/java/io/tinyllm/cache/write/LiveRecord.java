package io.tinyllm.cache.write;

import org.jspecify.annotations.Nullable;

/** An operation that has not ended, and where its record lies. Guarded by the lock of the journal. */
final class LiveRecord {

    final long sequence;
    final KeyDigest digest;

    /**
     * The operation that was recorded, to be recorded again where the disk has lost it; null where an earlier process
     * has done it.
     */
    final @Nullable Operation source;

    Segment segment;
    long position;
    int length;
    JournalRecord.@Nullable GivenUp givenUp;

    /** Where key and type lie, while a journal is being opened. */
    SegmentReader.@Nullable Found found;

    LiveRecord(
            long sequence, KeyDigest digest, @Nullable Operation source, Segment segment, long position, int length) {
        this.sequence = sequence;
        this.digest = digest;
        this.source = source;
        this.segment = segment;
        this.position = position;
        this.length = length;
    }
}
