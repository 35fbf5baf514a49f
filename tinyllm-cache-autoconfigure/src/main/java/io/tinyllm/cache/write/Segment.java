package io.tinyllm.cache.write;

import io.tinyllm.cache.disk.DiskFile;

/** A file of a journal, written once and in order. Its fields are guarded by the lock of the journal. */
final class Segment {

    final long number;
    final String name;
    final DiskFile file;
    final long mark;

    /** The identity of the file that its name led to when it was opened. */
    final Object identity;

    /** Where the next record goes; the end of the file where it is not written any more. */
    long end;

    /** The records in it that are alive. */
    int alive;

    /** Whether the disk has refused something of it: nothing is written to it any more. */
    boolean failed;

    /** Whether a reader has found bytes in it that are no record. */
    boolean damaged;

    Segment(long number, String name, DiskFile file, long mark, Object identity, long end) {
        this.number = number;
        this.name = name;
        this.file = file;
        this.mark = mark;
        this.identity = identity;
        this.end = end;
    }
}
