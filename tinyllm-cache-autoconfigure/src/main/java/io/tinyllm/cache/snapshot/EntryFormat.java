package io.tinyllm.cache.snapshot;

import io.tinyllm.cache.codec.Fault;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.NotShared.Missing;
import io.tinyllm.cache.codec.UnsupportedKeyException;
import io.tinyllm.cache.codec.UnsupportedValueException;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.Tagged;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * The entries of one cache as lines: <pre>{@code
 * {"key":"alice","expiresAt":"2026-01-31T12:00:00Z","tags":["1769860800","eu"],"type":"User","value":{...}}}</pre>
 *
 * <p>A key that is text stands as it is, any other in its exact encoding, as {@code encodedKey} where that is text and
 * else as {@code encodedKey64}. What never expires has no {@code expiresAt}, what bears no tags no {@code tags}; the
 * first of these is the number of its moment in the order of evictions. {@code type} is for people: nothing is read by
 * it. Thread-safe.
 */
final class EntryFormat {

    /** The deadline, in milliseconds since the epoch, of what never expires. */
    static final long NEVER = Long.MAX_VALUE;

    /** The reader of lines, with limits that hold for every line; those of values are lower. */
    static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(1_000)
                    .maxStringLength(LineReader.LONGEST)
                    .build())
            .build();

    private static final int ROOM = 1 << 10;

    private final String cache;
    private final KeyCodec keys;
    private final ValueCodec values;

    EntryFormat(String cache, KeyCodec keys, ValueCodec values) {
        this.cache = cache;
        this.keys = keys;
        this.values = values;
    }

    /**
     * An entry that was read; without a key where key or value can no longer be read.
     *
     * @param fault why not, null for a key that is none any more
     */
    record Entry(
            @Nullable Object key,
            @Nullable Object value,
            long expiresAt,
            @Nullable Tagged tags,
            @Nullable Fault fault) {}

    /**
     * Writes an entry, without its closing brace.
     * @param lacking takes what has no stored form, where that is why it could not be written
     * @return whether it could be written so that it can be read
     */
    boolean write(
            Line line,
            Object key,
            @Nullable Object value,
            long expiresAt,
            @Nullable Tagged tags,
            Consumer<Missing> lacking) {
        try {
            ValueCodec.Encoded encoded = values.encode(cache, value);
            if (encoded.json().length > LineReader.LONGEST - ROOM) {
                return false;
            }
            writeKey(line.raw("{"), key);
            if (line.length() > LineReader.LONGEST / 2) {
                return false;
            }
            if (expiresAt != NEVER) {
                line.raw(",\"expiresAt\":\"")
                        .raw(Instant.ofEpochMilli(expiresAt).toString())
                        .raw("\"");
            }
            if (tags != null) {
                writeTags(line, tags);
            }
            line.raw(",\"type\":").quoted(encoded.type()).raw(",\"value\":").raw(encoded.json());
            return line.length() <= LineReader.LONGEST - ROOM && isReadable(line);
        } catch (UnsupportedValueException e) {
            lacking.accept(Missing.of(value, e));
        } catch (UnsupportedKeyException e) {
            lacking.accept(new Missing(key.getClass().getName(), e.reason()));
        } catch (RuntimeException | StackOverflowError broken) {
            lacking.accept(new Missing(
                    value == null ? "null" : value.getClass().getName(),
                    "writing it failed with " + broken.getClass().getName()));
        }
        return false;
    }

    private static void writeTags(Line line, Tagged tags) {
        line.raw(",\"tags\":[\"" + tags.moment().local() + "\"");
        for (String tag : tags.names()) {
            line.raw(",").quoted(tag);
        }
        line.raw("]");
    }

    private static @Nullable Tagged tags(List<String> written) {
        if (written.size() < 2) {
            return null;
        }
        long number;
        try {
            number = Long.parseLong(written.get(0));
        } catch (NumberFormatException foreign) {
            number = 0;
        }
        return new Tagged(List.copyOf(written.subList(1, written.size())), new Moment(number, 0));
    }

    /** One entry that cannot be read would cost the whole file, so no such entry is written. */
    private boolean isReadable(Line line) {
        int length = line.length();
        byte[] bytes = line.raw("}").bytes();
        line.truncate(length);
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                return false;
            }
        }
        try {
            check(bytes, 0, length + 1);
            return true;
        } catch (BadSnapshotException e) {
            return false;
        }
    }

    private void writeKey(Line line, Object key) {
        if (key instanceof String text && isWellFormed(text)) {
            line.raw("\"key\":").quoted(text);
            return;
        }
        byte[] encoded = keys.encodeToRead(key);
        String text = new String(encoded, StandardCharsets.UTF_8);
        if (Arrays.equals(text.getBytes(StandardCharsets.UTF_8), encoded)) {
            line.raw("\"encodedKey\":").quoted(text);
        } else {
            line.raw("\"encodedKey64\":\"")
                    .raw(Base64.getEncoder().encode(encoded))
                    .raw("\"");
        }
    }

    /** Checks that a line is built as an entry, without making objects of its key and value. */
    void check(byte[] bytes, int from, int length) throws BadSnapshotException {
        parse(bytes, from, length, true);
    }

    /** Reads an entry from a line that was checked. */
    Entry read(byte[] bytes, int from, int length) throws BadSnapshotException {
        Parts parts = parse(bytes, from, length, false);
        Object key = decodeKey(parts);
        Fault fault = null;
        if (key != null) {
            byte[] json = Arrays.copyOfRange(bytes, from + parts.valueStart, from + length - 1);
            ValueCodec.Decoded decoded = values.decode(cache, parts.type, json);
            if (decoded.ok()) {
                return new Entry(key, decoded.value(), parts.expiresAt, tags(parts.tags), null);
            }
            fault = decoded.fault();
        }
        return new Entry(null, null, parts.expiresAt, null, fault);
    }

    private @Nullable Object decodeKey(Parts parts) {
        try {
            return switch (parts.keyForm) {
                case "key" -> parts.key;
                case "encodedKey" -> keys.decode(parts.key.getBytes(StandardCharsets.UTF_8));
                default -> keys.decode(Base64.getDecoder().decode(parts.key));
            };
        } catch (RuntimeException | StackOverflowError noKey) {
            return null;
        }
    }

    private Parts parse(byte[] bytes, int from, int length, boolean whole) throws BadSnapshotException {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, from, length)) {
            require(parser.nextToken() == JsonToken.START_OBJECT);
            String keyForm = String.valueOf(parser.nextName());
            require(keyForm.equals("key") || keyForm.equals("encodedKey") || keyForm.equals("encodedKey64"));
            String key = string(parser);
            String name = String.valueOf(parser.nextName());
            long expiresAt = NEVER;
            if (name.equals("expiresAt")) {
                // Further away than anything that was written, and still no overflow.
                Instant deadline = Instant.parse(string(parser));
                expiresAt = deadline.truncatedTo(ChronoUnit.MILLIS).toEpochMilli();
                name = String.valueOf(parser.nextName());
            }
            List<String> tags = List.of();
            if (name.equals("tags")) {
                tags = new ArrayList<>();
                require(parser.nextToken() == JsonToken.START_ARRAY);
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    require(parser.currentToken() == JsonToken.VALUE_STRING);
                    tags.add(parser.getString());
                }
                name = String.valueOf(parser.nextName());
            }
            require(name.equals("type"));
            String type = string(parser);
            require("value".equals(parser.nextName()));
            require(parser.nextToken() != null);
            int valueStart = (int) parser.currentTokenLocation().getByteOffset();
            if (whole) {
                parser.skipChildren();
                require(parser.nextToken() == JsonToken.END_OBJECT);
                require(parser.nextToken() == null);
            }
            return new Parts(keyForm, key, expiresAt, tags, type, valueStart);
        } catch (RuntimeException | StackOverflowError e) {
            // Its message may quote the line.
            throw new BadSnapshotException("a line is no entry (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static String string(JsonParser parser) throws BadSnapshotException {
        require(parser.nextToken() == JsonToken.VALUE_STRING);
        return parser.getString();
    }

    private static void require(boolean wellBuilt) throws BadSnapshotException {
        if (!wellBuilt) {
            throw new BadSnapshotException("a line is no entry");
        }
    }

    private static boolean isWellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private record Parts(String keyForm, String key, long expiresAt, List<String> tags, String type, int valueStart) {}
}
