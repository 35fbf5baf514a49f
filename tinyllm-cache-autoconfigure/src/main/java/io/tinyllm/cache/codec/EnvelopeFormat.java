package io.tinyllm.cache.codec;

import io.tinyllm.cache.codec.Envelope.Opened;
import io.tinyllm.cache.codec.Envelope.Stamp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of an envelope, format version 2, big-endian:
 *
 * <pre>
 * magic "TLC" 3 | format version 1 | length of all 4 | flags 1 | created 8 | deadline 8 | digest of cache and key 16
 * | type length 1 | type | number of tags 1 | (tag length 2 | tag) for each | payload length 4
 * | payload, perhaps compressed | CRC-32C 4 | CRC-32 4
 * </pre>
 *
 * The flag 1 says that the payload is compressed; no other is known. Texts are UTF-8. Both checksums cover every byte
 * before them. Together they have 64 bits since a fleet reads billions of entries, of which 32 bits would let one
 * corrupt entry in four billion pass as a value; anybody can compute them, and processors do so in one instruction for
 * eight bytes.
 *
 * <p>Compression is the JDK's Deflate at its fastest, which makes JSON a quarter smaller than LZ4 does. LZ4 is much
 * faster only with its native library, which unpacks itself into a temporary directory; in Java alone it is not.
 * Stateless, thread-safe.
 */
public final class EnvelopeFormat {

    /** Never compress. */
    public static final int NEVER = Integer.MAX_VALUE;

    private static final byte[] MAGIC = {'T', 'L', 'C'};
    private static final byte FORMAT = 2;
    private static final int COMPRESSED = 1;
    private static final int PREFIX = MAGIC.length + 1 + 4;
    private static final int CHECKSUMS = 8;
    private static final int FIXED = PREFIX + 1 + 2 * 8 + Envelope.DIGEST + 1 + 1 + 4 + CHECKSUMS;

    /** The longest type, in bytes. */
    static final int LONGEST_TYPE = 0xFF;

    /** The longest tag, in bytes. */
    static final int LONGEST_TAG = 0xFFFF;

    /** The most tags of an entry. */
    static final int MOST_TAGS = 0xFF;

    private final int compressAbove;
    private final int maximumPayload;

    /**
     * @param compressAbove payloads longer than this many bytes are compressed, if that makes them shorter
     * @param maximumPayload the most bytes that a payload may have once it is decompressed
     */
    public EnvelopeFormat(int compressAbove, int maximumPayload) {
        this.compressAbove = compressAbove;
        this.maximumPayload = maximumPayload;
    }

    /**
     * The bytes of an envelope.
     *
     * @throws IllegalArgumentException if its digest, type or tags do not fit in their fields
     */
    public byte[] seal(Envelope envelope) {
        byte[] type = envelope.type().getBytes(StandardCharsets.UTF_8);
        byte[][] tags = envelope.tags().stream()
                .map(tag -> tag.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        byte[] payload = envelope.payload();
        byte[] compressed = payload.length > compressAbove ? deflate(payload) : null;
        byte[] body = compressed == null ? payload : compressed;
        int length = FIXED;
        for (byte[] tag : tags) {
            require(tag.length <= LONGEST_TAG);
            length += 2 + tag.length;
        }
        require(envelope.digest().length == Envelope.DIGEST && type.length <= LONGEST_TYPE && tags.length <= MOST_TAGS);
        length = Math.addExact(length + type.length, body.length);
        byte[] bytes = new byte[length];
        ByteBuffer out = ByteBuffer.wrap(bytes)
                .put(MAGIC)
                .put(FORMAT)
                .putInt(length)
                .put((byte) (compressed == null ? 0 : COMPRESSED))
                .putLong(envelope.stamp().createdMillis())
                .putLong(envelope.stamp().deadlineMillis())
                .put(envelope.digest())
                .put((byte) type.length)
                .put(type)
                .put((byte) tags.length);
        for (byte[] tag : tags) {
            out.putShort((short) tag.length).put(tag);
        }
        out.putInt(payload.length).put(body);
        out.putLong(checksums(bytes, length - CHECKSUMS));
        return bytes;
    }

    private static void require(boolean fits) {
        if (!fits) {
            throw new IllegalArgumentException("A part of the envelope is longer than its field");
        }
    }

    private static long checksums(byte[] bytes, int length) {
        CRC32C first = new CRC32C();
        first.update(bytes, 0, length);
        CRC32 second = new CRC32();
        second.update(bytes, 0, length);
        return first.getValue() << 32 | second.getValue();
    }

    /** The envelope of these bytes, whatever they are; never throws. */
    public Opened open(byte[] bytes) {
        Fault fault = check(bytes);
        if (fault != null) {
            return new Opened(null, fault);
        }
        try {
            Envelope envelope = parse(ByteBuffer.wrap(bytes, PREFIX, bytes.length - PREFIX - CHECKSUMS));
            return envelope == null ? new Opened(null, Fault.UNREADABLE) : new Opened(envelope, null);
        } catch (RuntimeException | DataFormatException forged) {
            return new Opened(null, Fault.UNREADABLE);
        }
    }

    private static @Nullable Fault check(byte[] bytes) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= bytes.length || bytes[i] != MAGIC[i]) {
                return Fault.BAD_MAGIC;
            }
        }
        if (bytes.length > MAGIC.length && bytes[MAGIC.length] != FORMAT) {
            return Fault.VERSION;
        }
        if (bytes.length < FIXED) {
            return Fault.TRUNCATED;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < in.getInt(MAGIC.length + 1)) {
            return Fault.TRUNCATED;
        }
        boolean intact = bytes.length == in.getInt(MAGIC.length + 1)
                && in.getLong(bytes.length - CHECKSUMS) == checksums(bytes, bytes.length - CHECKSUMS);
        return intact ? null : Fault.CHECKSUM;
    }

    private @Nullable Envelope parse(ByteBuffer in) throws DataFormatException {
        int flags = in.get();
        Stamp stamp = new Stamp(in.getLong(), in.getLong());
        byte[] digest = block(in, Envelope.DIGEST);
        String type = text(in, in.get() & 0xFF);
        int count = in.get() & 0xFF;
        List<String> tags = count == 0 ? List.of() : new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tags.add(text(in, in.getShort() & 0xFFFF));
        }
        int length = in.getInt();
        if (length < 0 || length > maximumPayload || (flags & ~COMPRESSED) != 0) {
            return null;
        }
        byte[] body = block(in, in.remaining());
        byte[] payload = (flags & COMPRESSED) == 0 ? body : inflate(body, length);
        return payload.length == length ? new Envelope(stamp, digest, type, List.copyOf(tags), payload) : null;
    }

    private static String text(ByteBuffer in, int length) {
        return new String(block(in, length), StandardCharsets.UTF_8);
    }

    private static byte[] block(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("longer than the envelope");
        }
        byte[] block = new byte[length];
        in.get(block);
        return block;
    }

    private static byte @Nullable [] deflate(byte[] payload) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(payload);
            deflater.finish();
            byte[] out = new byte[payload.length - 1];
            int length = deflater.deflate(out);
            return deflater.finished() ? Arrays.copyOf(out, length) : null;
        } finally {
            deflater.end();
        }
    }

    private static byte[] inflate(byte[] body, int length) throws DataFormatException {
        // Deflate cannot exceed 1032:1, so the claim is checked before the memory is given
        if (length / 1033 > body.length) {
            throw new DataFormatException("more than these bytes can hold");
        }
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(body);
            byte[] out = new byte[length];
            int done = 0;
            while (done < length) {
                int count = inflater.inflate(out, done, length - done);
                if (count == 0) {
                    throw new DataFormatException("ends early");
                }
                done += count;
            }
            if (!inflater.finished() && inflater.inflate(new byte[1]) != 0) {
                throw new DataFormatException("longer than it says");
            }
            return out;
        } finally {
            inflater.end();
        }
    }
}
