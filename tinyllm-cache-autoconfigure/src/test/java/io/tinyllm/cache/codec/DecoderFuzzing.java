package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.Envelope.Stamp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Reads of any bytes by the decoders of keys, values and entries: an answer or a refusal, never an exception. */
public final class DecoderFuzzing {

    private static final String CACHE = "c";

    private static final ValueTypes TYPES = types();
    private static final ValueCodec VALUES = new ValueCodec(TYPES, ValueLimits.DEFAULT, List.of());
    private static final KeyCodec KEYS = new KeyCodec(TYPES, List.of(), BeanKeys.NONE);
    private static final EnvelopeFormat FORMAT = new EnvelopeFormat(100, 1 << 20);
    private static final EntryCodec ENTRIES = new EntryCodec(VALUES, FORMAT);

    private DecoderFuzzing() {}

    record Order(long number, String customer, List<Line> lines, Map<String, Object> notes) {}

    record Line(String article, double price) {}

    static class Node {
        String name;
        Node next;
        Set<Object> others;
    }

    private static ValueTypes types() {
        ValueTypes types =
                new ValueTypes(Set.of(DecoderFuzzing.class.getName() + "$"), DecoderFuzzing.class.getClassLoader());
        types.declare(CACHE, Object.class);
        types.declare(CACHE, Order.class);
        types.declare(CACHE, Node.class);
        return types;
    }

    /** Whatever comes back as a key has an encoding, by which the same comes back. */
    public static final class Keys {

        private Keys() {}

        public static void fuzzerTestOneInput(byte[] input) {
            Object key = KEYS.decode(input);
            if (key != null) {
                byte[] encoded = KEYS.encode(key);
                Object same = KEYS.decode(encoded);
                assertThat(same).isNotNull();
                assertThat(KEYS.encode(same)).isEqualTo(encoded);
            }
        }
    }

    /** The first byte says of which type a value is said to be. */
    public static final class Values {

        private static final List<String> SAID = List.of("", Order.class.getName(), Node.class.getName(), "x.Unknown");

        private Values() {}

        public static void fuzzerTestOneInput(byte[] input) {
            if (input.length > 0) {
                String type = SAID.get((input[0] & 0xff) % SAID.size());
                ValueCodec.Decoded decoded = VALUES.decode(CACHE, type, Arrays.copyOfRange(input, 1, input.length));
                assertThat(decoded.ok()).isEqualTo(decoded.fault() == null);
            }
        }
    }

    /** Entries as they lie in Redis, and entries whose length, digest and checksums are right around anything. */
    public static final class Envelopes {

        private static final byte[] KEY = "s1:k".getBytes(StandardCharsets.UTF_8);
        private static final byte[] DIGEST = FORMAT.open(ENTRIES.write(CACHE, KEY, "x", new Stamp(0, 0)))
                .envelope()
                .digest();

        /** Behind flags, creation and deadline. */
        private static final int DIGEST_AT = 17;

        private Envelopes() {}

        public static void fuzzerTestOneInput(byte[] input) {
            ENTRIES.read(CACHE, KEY, input);
            ENTRIES.read(CACHE, KEY, sealed(input));
        }

        private static byte[] sealed(byte[] input) {
            ByteBuffer sealed = ByteBuffer.allocate(8 + input.length + 8);
            sealed.put(new byte[] {'T', 'L', 'C', 2}).putInt(sealed.capacity()).put(input);
            if (input.length >= DIGEST_AT + DIGEST.length) {
                System.arraycopy(DIGEST, 0, sealed.array(), 8 + DIGEST_AT, DIGEST.length);
            }
            CRC32C first = new CRC32C();
            first.update(sealed.array(), 0, sealed.position());
            CRC32 second = new CRC32();
            second.update(sealed.array(), 0, sealed.position());
            return sealed.putInt((int) first.getValue())
                    .putInt((int) second.getValue())
                    .array();
        }
    }
}
