package io.tinyllm.cache.codec;

import io.tinyllm.cache.codec.Envelope.Opened;
import io.tinyllm.cache.codec.Envelope.Stamp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The binary form of an envelope, format version 1, big-endian:
 *
 * <pre>
 * magic 3 | format version 1 | length of all 4 | flags 1 | created 8 | ttl 8 | version 8 | writer 8
 * | type length 2 | type | key length 4 | key | payload length 4 | payload, perhaps compressed | checksum 8
 * </pre>
 *
 * The checksum covers every byte before it. It has 64 bits since a fleet reads billions of entries, of which 32 bits
 * would let one corrupt entry in four billion pass as a value; it is one multiplication for eight bytes.
 *
 * <p>Compression is the JDK's Deflate at its fastest, which makes JSON a quarter smaller than LZ4 does. LZ4 is much
 * faster only with its native library, which unpacks itself into a temporary directory; in Java alone it is not.
 * Stateless, thread-safe.
 */
public final class EnvelopeFormat {

    /** Never compress. */
    public static final int NEVER = Integer.MAX_VALUE;

    private static final byte[] MAGIC = {'T', 'L', 'C'};
    private static final byte FORMAT = 1;
    private static final int COMPRESSED = 1;
    private static final int FIXED = MAGIC.length + 1 + 4 + 1 + 4 * 8 + 2 + 4 + 4 + 8;
    private static final int PREFIX = MAGIC.length + 1 + 4;

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

    /** The bytes of an envelope. */
    public byte[] seal(Envelope envelope) {
        byte[] type = envelope.type().getBytes(StandardCharsets.UTF_8);
        if (type.length > 0xFFFF) {
            throw new IllegalArgumentException("The type id is longer than its field");
        }
        byte[] payload = envelope.payload();
        byte[] compressed = payload.length > compressAbove ? deflate(payload) : null;
        byte[] body = compressed == null ? payload : compressed;
        int length = Math.addExact(FIXED + type.length + envelope.key().length, body.length);
        byte[] bytes = new byte[length];
        Stamp stamp = envelope.stamp();
        ByteBuffer out = ByteBuffer.wrap(bytes)
                .put(MAGIC)
                .put(FORMAT)
                .putInt(length)
                .put((byte) (compressed == null ? 0 : COMPRESSED))
                .putLong(stamp.createdMillis())
                .putLong(stamp.ttlMillis())
                .putLong(stamp.version())
                .putLong(stamp.writer())
                .putShort((short) type.length)
                .put(type)
                .putInt(envelope.key().length)
                .put(envelope.key())
                .putInt(payload.length)
                .put(body);
        out.putLong(Hash64.of(bytes, 0, length - 8));
        return bytes;
    }

    /** The envelope of these bytes, whatever they are; never throws. */
    public Opened open(byte[] bytes) {
        Fault fault = check(bytes);
        if (fault != null) {
            return new Opened(null, fault);
        }
        try {
            Envelope envelope = parse(ByteBuffer.wrap(bytes, PREFIX, bytes.length - PREFIX - 8));
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
        if (bytes.length < FIXED) {
            return Fault.TRUNCATED;
        }
        if (bytes[MAGIC.length] != FORMAT) {
            return Fault.VERSION;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < in.getInt(MAGIC.length + 1)) {
            return Fault.TRUNCATED;
        }
        boolean intact = bytes.length == in.getInt(MAGIC.length + 1)
                && in.getLong(bytes.length - 8) == Hash64.of(bytes, 0, bytes.length - 8);
        return intact ? null : Fault.CHECKSUM;
    }

    private @Nullable Envelope parse(ByteBuffer in) throws DataFormatException {
        int flags = in.get();
        Stamp stamp = new Stamp(in.getLong(), in.getLong(), in.getLong(), in.getLong());
        String type = new String(block(in, in.getShort() & 0xFFFF), StandardCharsets.UTF_8);
        byte[] key = block(in, in.getInt());
        int length = in.getInt();
        if (length < 0 || length > maximumPayload || (flags & ~COMPRESSED) != 0) {
            return null;
        }
        byte[] body = block(in, in.remaining());
        byte[] payload = (flags & COMPRESSED) == 0 ? body : inflate(body, length);
        return payload.length == length ? new Envelope(stamp, type, key, payload) : null;
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
