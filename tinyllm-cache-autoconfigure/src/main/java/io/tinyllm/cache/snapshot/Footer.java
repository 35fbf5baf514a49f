package io.tinyllm.cache.snapshot;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * The last line of a snapshot. It is a gzip member of its own in a compressed file, so that it can be found from the
 * end.
 *
 * @param savedAt when the saving began
 * @param entries how many entries there are
 */
record Footer(Instant savedAt, long entries) {

    private static final byte[] OPENING = "{\"end\":true,".getBytes(StandardCharsets.US_ASCII);

    /** Longer than any last line, sealed and compressed or not, in bytes. */
    private static final int LONGEST = 512;

    /** The shortest gzip member: its header and trailer. */
    private static final int SHORTEST_MEMBER = 18;

    /** Writes it, without its closing brace. */
    void write(Line line) {
        line.raw(OPENING).raw("\"savedAt\":\"" + savedAt + "\",\"entries\":" + entries);
    }

    /** Returns whether a line is the last one rather than an entry. */
    static boolean begins(byte[] bytes, int from, int length) {
        return length > OPENING.length && Arrays.equals(bytes, from, from + OPENING.length, OPENING, 0, OPENING.length);
    }

    /** Reads it from a line. */
    static Footer read(byte[] bytes, int from, int length) throws BadSnapshotException {
        try (JsonParser parser = EntryFormat.JSON.createParser(ObjectReadContext.empty(), bytes, from, length)) {
            if (parser.nextToken() == JsonToken.START_OBJECT
                    && "end".equals(parser.nextName())
                    && Boolean.TRUE.equals(parser.nextBooleanValue())
                    && "savedAt".equals(parser.nextName())) {
                Instant savedAt = Instant.parse(String.valueOf(parser.nextStringValue()));
                if ("entries".equals(parser.nextName())) {
                    return new Footer(savedAt, parser.nextLongValue(-1));
                }
            }
        } catch (RuntimeException e) {
            throw new BadSnapshotException("it does not end as a snapshot does", e);
        }
        throw new BadSnapshotException("it does not end as a snapshot does");
    }

    /** Reads it, unverified, from the end of a file, where it has to end exactly. */
    static Footer readLast(SeekableByteChannel channel, boolean compressed) throws IOException {
        long size = channel.size();
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, LONGEST));
        channel.position(size - buffer.capacity());
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            continue;
        }
        byte[] tail = Arrays.copyOf(buffer.array(), buffer.position());
        byte[] lines = compressed ? lastMember(tail) : tail;
        if (lines == null || lines.length == 0 || lines[lines.length - 1] != '\n') {
            throw new BadSnapshotException("it is cut off");
        }
        int start = lines.length - 1;
        while (start > 0 && lines[start - 1] != '\n') {
            start--;
        }
        if (!begins(lines, start, lines.length - start)) {
            throw new BadSnapshotException("it is cut off");
        }
        return read(lines, start, lines.length - start);
    }

    /** The content of the gzip member at the end of some bytes, null if they end with none. */
    private static byte @Nullable [] lastMember(byte[] tail) {
        for (int at = tail.length - SHORTEST_MEMBER; at >= 0; at--) {
            if (tail[at] == (byte) 0x1f && tail[at + 1] == (byte) 0x8b && tail[at + 2] == 8) {
                byte[] content = member(tail, at);
                if (content != null) {
                    return content;
                }
            }
        }
        return null;
    }

    private static byte @Nullable [] member(byte[] tail, int at) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(tail, at, tail.length - at))) {
            byte[] content = in.readNBytes(LONGEST);
            boolean ends = in.read() < 0;
            // The trailer of a member ends with the length of its content.
            int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt(tail.length - Integer.BYTES);
            return ends && length == content.length ? content : null;
        } catch (IOException e) {
            return null;
        }
    }
}
