package io.tinyllm.cache.codec;

import io.tinyllm.cache.codec.Envelope.Opened;
import io.tinyllm.cache.codec.Envelope.Stamp;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Entries as a remote tier stores them: a value in its envelope, bound to its key. Thread-safe. Reading never throws;
 * whatever is not an intact entry of this key and of an allowed type is a {@link Fault}.
 */
public final class EntryCodec {

    private static final byte[] NO_KEY = {};

    private final ValueCodec values;
    private final EnvelopeFormat format;

    public EntryCodec(ValueCodec values, EnvelopeFormat format) {
        this.values = values;
        this.format = format;
    }

    /** An entry that was read: with a stamp and a value that may be null, or with a fault. */
    public record Entry(
            @Nullable Object value,
            @Nullable Stamp stamp,
            @Nullable Fault fault) {

        public boolean ok() {
            return fault == null;
        }
    }

    /**
     * The bytes to store.
     *
     * @param key the encoding of the key, not the short key
     * @throws UnsupportedValueException if the value could not be read back as it is
     */
    public byte[] write(String cache, byte[] key, @Nullable Object value, Stamp stamp) {
        ValueCodec.Encoded encoded = values.encode(cache, value);
        return format.seal(new Envelope(stamp, encoded.type(), keyToStore(key), encoded.json()));
    }

    /** The entry of these bytes, which were stored under the short key of this key's encoding. */
    public Entry read(String cache, byte[] key, byte[] stored) {
        Opened opened = format.open(stored);
        Envelope envelope = opened.envelope();
        if (envelope == null) {
            return new Entry(null, null, opened.fault());
        }
        if (!Arrays.equals(envelope.key(), keyToStore(key))) {
            return new Entry(null, null, Fault.KEY_MISMATCH);
        }
        ValueCodec.Decoded decoded = values.decode(cache, envelope.type(), envelope.payload());
        return new Entry(decoded.value(), decoded.ok() ? envelope.stamp() : null, decoded.fault());
    }

    private static byte[] keyToStore(byte[] key) {
        return KeyCodec.isShortened(key) ? key : NO_KEY;
    }
}
