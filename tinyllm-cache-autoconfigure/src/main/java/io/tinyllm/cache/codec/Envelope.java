package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;

/**
 * One stored entry, taken out of its bytes. The arrays belong to the envelope and are not to be changed.
 *
 * @param stamp when and by whom it was written
 * @param type the type id of the value
 * @param key the whole encoding of the key where that was too long to be stored under, else empty
 * @param payload the JSON of the value, not compressed
 */
public record Envelope(Stamp stamp, String type, byte[] key, byte[] payload) {

    /**
     * When and by whom an entry was written.
     *
     * @param createdMillis wall-clock time in milliseconds since the epoch
     * @param ttlMillis the time to live it was given, in milliseconds; 0 if it never expires
     * @param version orders the writes of one writer
     * @param writer identifies the process that wrote it
     */
    public record Stamp(long createdMillis, long ttlMillis, long version, long writer) {

        /**
         * What is left of the time to live, in milliseconds: between 0 and all of it, however far the clocks of writer
         * and reader are apart; {@code Long.MAX_VALUE} if it never expires.
         */
        public long remainingMillis(long nowMillis) {
            if (ttlMillis <= 0) {
                return Long.MAX_VALUE;
            }
            if (nowMillis <= createdMillis) {
                return ttlMillis;
            }
            long age = nowMillis - createdMillis; // negative on overflow
            return age < 0 ? 0 : Math.max(0, ttlMillis - age);
        }
    }

    /** The envelope that bytes hold, or why there is none. */
    public record Opened(
            @Nullable Envelope envelope, @Nullable Fault fault) {}
}
