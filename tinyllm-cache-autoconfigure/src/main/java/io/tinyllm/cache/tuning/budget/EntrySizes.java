package io.tinyllm.cache.tuning.budget;

/** The mean size of the entries of a cache, from a sample that forgets the older ones. Not thread-safe. */
final class EntrySizes {

    /** The bytes of an entry as long as nobody has seen one. */
    static final long UNKNOWN = 1024;

    /** The room of an entry besides its value, for its key and its place; no entry counts less. */
    static final long LEAST = 64;

    /** As many samples are averaged; then the old ones lose half of their weight. */
    private static final int SAMPLES = 512;

    private double bytes;
    private int samples;

    void add(long weight) {
        if (samples == SAMPLES) {
            samples /= 2;
            bytes /= 2;
        }
        samples++;
        bytes += Math.max(LEAST, weight);
    }

    boolean isKnown() {
        return samples > 0;
    }

    double mean() {
        return isKnown() ? bytes / samples : UNKNOWN;
    }
}
