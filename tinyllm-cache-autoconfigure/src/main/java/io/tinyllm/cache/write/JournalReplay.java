package io.tinyllm.cache.write;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a journal file says: the operations that are live at its end.
 *
 * <p>A record that is not intact and is followed by intact ones is skipped and counted; everything after the last intact
 * record is a torn tail, which was never acknowledged. Not thread-safe.
 */
final class JournalReplay {

    static final byte[] MAGIC = {'T', 'L', 'C', 'J', 'R', 'N', 'L', '1'};
    private static final int SMALLEST_BODY = 9;

    private final Map<ByteBuffer, Live> byKey = new LinkedHashMap<>();
    private final Map<Long, Live> bySequence = new HashMap<>();
    private final Map<Long, byte[]> givenUp = new HashMap<>();
    private long lastSequence;
    private long end;
    private int damaged;

    /**
     * An operation that did not end.
     *
     * @param body of the record
     * @param offset of the record in the file
     * @param length of the record, its header included
     */
    record Live(ByteBuffer key, JournalRecords.Body body, long offset, int length) {}

    static JournalReplay of(Path path) throws IOException {
        JournalReplay replay = new JournalReplay();
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            replay.read(in, Files.size(path));
        }
        return replay;
    }

    private void read(DataInputStream in, long size) throws IOException {
        if (size < MAGIC.length || !ByteBuffer.wrap(in.readNBytes(MAGIC.length)).equals(ByteBuffer.wrap(MAGIC))) {
            return;
        }
        long offset = MAGIC.length;
        end = offset;
        int suspects = 0;
        while (size - offset >= JournalRecords.HEADER + SMALLEST_BODY) {
            int body = in.readInt();
            if (body < SMALLEST_BODY || body > size - offset - JournalRecords.HEADER) {
                return;
            }
            ByteBuffer record =
                    ByteBuffer.allocate(JournalRecords.HEADER + body).putInt(body);
            in.readFully(record.array(), 4, 4 + body);
            record.rewind();
            if (JournalRecords.isIntact(record)) {
                apply(JournalRecords.Body.of(record), record, offset);
                end = offset + record.limit();
                damaged += suspects;
                suspects = 0;
            } else {
                suspects++;
            }
            offset += record.limit();
        }
    }

    private void apply(JournalRecords.Body body, ByteBuffer record, long offset) {
        lastSequence = Math.max(lastSequence, body.sequence());
        switch (body.type()) {
            case JournalRecords.PUT, JournalRecords.DELETE -> begin(body, record.limit(), offset);
            case JournalRecords.GIVEN_UP -> givenUp.put(body.sequence(), record.array());
            case JournalRecords.RELEASED -> {
                ByteBuffer sequences = body.content().duplicate();
                while (sequences.remaining() >= 8) {
                    finish(bySequence.get(sequences.getLong()));
                }
            }
            default -> damaged++;
        }
    }

    private void begin(JournalRecords.Body body, int length, long offset) {
        ByteBuffer key = ByteBuffer.wrap(body.key());
        Live former = byKey.get(key);
        if (former == null || former.body().sequence() < body.sequence()) {
            finish(former);
            Live live = new Live(key, body, offset, length);
            byKey.put(key, live);
            bySequence.put(body.sequence(), live);
        }
    }

    private void finish(@Nullable Live live) {
        if (live != null) {
            byKey.remove(live.key(), live);
            bySequence.remove(live.body().sequence());
            givenUp.remove(live.body().sequence());
        }
    }

    /** The live operations in order. */
    Collection<Live> live() {
        return byKey.values().stream()
                .sorted((a, b) -> Long.compare(a.body().sequence(), b.body().sequence()))
                .toList();
    }

    /** The record that an operation was given up on, or null if it was not. */
    byte @Nullable [] givenUp(long sequence) {
        return givenUp.get(sequence);
    }

    long lastSequence() {
        return lastSequence;
    }

    /** Where the last intact record ends; 0 when the file is not a journal. */
    long end() {
        return end;
    }

    int damaged() {
        return damaged;
    }
}
