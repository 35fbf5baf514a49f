package io.tinyllm.cache.write;

/** When the journal forces the disk. The end of the process costs nothing in any of them; a loss of power does. */
public enum Fsync {
    /** Before a write is acknowledged: a loss of power costs nothing. */
    ALWAYS,
    /** Once a second: a loss of power costs the last second. */
    INTERVAL,
    /** When the operating system pleases. */
    NEVER
}
