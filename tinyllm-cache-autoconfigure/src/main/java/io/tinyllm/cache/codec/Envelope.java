package io.tinyllm.cache.codec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stored entry, taken out of its bytes. The arrays belong to the envelope and are not to be changed.
 *
 * @param stamp from when until when it may be served
 * @param digest identifies the cache and the key that it was stored for
 * @param type what kind of value it is, for people who look into the store; nothing is read by it
 * @param tags the tags that it bears
 * @param payload the stored form of the value, not compressed
 */
public record Envelope(Stamp stamp, byte[] digest, String type, List<String> tags, byte[] payload) {

    /** The length of a digest, in bytes. */
    public static final int DIGEST = 16;

    /**
     * From when until when an entry may be served, by the clock of the store. The store expires entries too; but it may
     * forget to, where its clock is set back, it is restored from a copy, or somebody else has written its keys.
     *
     * @param createdMillis when it was written, in milliseconds since the epoch
     * @param deadlineMillis when it expires, in milliseconds since the epoch; {@link #NEVER} if it does not
     */
    public record Stamp(long createdMillis, long deadlineMillis) {

        /** The deadline of what never expires. */
        public static final long NEVER = Long.MAX_VALUE;

        /**
         * The stamp of an entry that lives for some time.
         *
         * @param ttlMillis in milliseconds; 0 if it never expires
         */
        public static Stamp of(long createdMillis, long ttlMillis) {
            long deadline = createdMillis + ttlMillis; // negative on overflow
            return new Stamp(createdMillis, ttlMillis <= 0 || deadline < createdMillis ? NEVER : deadline);
        }

        /** Returns whether it never expires. */
        public boolean isForEver() {
            return deadlineMillis == NEVER;
        }

        /**
         * The rest of the time to live, in milliseconds: between 0 and all of it, however far the clocks of writer
         * and reader are apart; {@code Long.MAX_VALUE} if it never expires.
         */
        public long remainingMillis(long nowMillis) {
            if (isForEver()) {
                return Long.MAX_VALUE;
            }
            return nowMillis >= deadlineMillis ? 0 : deadlineMillis - Math.max(nowMillis, createdMillis);
        }
    }

    /** The envelope that bytes hold, or why there is none. */
    public record Opened(
            @Nullable Envelope envelope, @Nullable Fault fault) {}
}
