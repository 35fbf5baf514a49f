package io.tinyllm.cache.codec;

import io.tinyllm.cache.codec.Envelope.Opened;
import io.tinyllm.cache.codec.Envelope.Stamp;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.Tagged;
import io.tinyllm.cache.core.port.TaggedValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries as a remote tier stores them: a value in its envelope, bound to its cache and key. Thread-safe. Reading never
 * throws; whatever is not an intact entry of this key and of an allowed type is a {@link Fault}.
 */
public final class EntryCodec {

    private static final int LONGEST_TYPE = 60;

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
        ValueCodec.Encoded encoded = values.encode(cache, TaggedValue.unwrap(value));
        List<String> tags = value instanceof TaggedValue tagged ? borne(tagged.tags()) : List.of();
        return format.seal(new Envelope(stamp, digest(cache, key), compact(encoded.type()), tags, encoded.json()));
    }

    /** The entry of these bytes, which were stored under the short key of this key's encoding. */
    public Entry read(String cache, byte[] key, byte[] stored) {
        Opened opened = format.open(stored);
        Envelope envelope = opened.envelope();
        if (envelope == null) {
            return new Entry(null, null, opened.fault());
        }
        if (!Arrays.equals(envelope.digest(), digest(cache, key))) {
            return new Entry(null, null, Fault.KEY_MISMATCH);
        }
        ValueCodec.Decoded decoded = values.decode(cache, envelope.type(), envelope.payload());
        return new Entry(
                TaggedValue.of(decoded.value(), tags(envelope.tags())),
                decoded.ok() ? envelope.stamp() : null,
                decoded.fault());
    }

    /** The tags as they are stored: first the number of their moment in the order of the shared tier. */
    private static List<String> borne(Tagged tags) {
        List<String> stored = new ArrayList<>(1 + tags.names().size());
        stored.add(Long.toString(tags.moment().shared()));
        stored.addAll(tags.names());
        return stored;
    }

    private static @Nullable Tagged tags(List<String> stored) {
        if (stored.size() < 2) {
            return null;
        }
        long number;
        try {
            number = Long.parseLong(stored.get(0));
        } catch (NumberFormatException forged) {
            number = 0;
        }
        return new Tagged(List.copyOf(stored.subList(1, stored.size())), new Moment(0, number));
    }

    /**
     * The digest that binds an entry to its cache and key. A store that answers another question than was asked, or
     * holds under a short key what another key was shortened to, is found by it.
     */
    private static byte[] digest(String cache, byte[] key) {
        byte[] name = cache.getBytes(StandardCharsets.UTF_8);
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(ByteBuffer.allocate(4).putInt(name.length).array());
            sha.update(name);
            sha.update(key);
            return Arrays.copyOf(sha.digest(), Envelope.DIGEST);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The name of a class without its package, at most so long that it is no burden. */
    private static String compact(String type) {
        String name = type.substring(type.lastIndexOf('.') + 1);
        return name.length() <= LONGEST_TYPE ? name : name.substring(0, LONGEST_TYPE);
    }
}
