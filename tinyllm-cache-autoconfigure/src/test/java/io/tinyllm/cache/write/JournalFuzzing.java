package io.tinyllm.cache.write;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Opens journals of any bytes: as they are, and as records whose marks, lengths and seals are right around anything, so
 * that they are looked into. What a journal holds is read or given up; opening it throws nothing.
 */
public final class JournalFuzzing {

    private static final String NAME = "journal-0000000000000001.log";
    private static final long MARK = 0x5A17_0001_0203_0405L;

    private static Path parent;

    private JournalFuzzing() {}

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            open(input);
            open(sealed(input));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void open(byte[] segment) throws IOException {
        if (parent == null) {
            parent = Files.createTempDirectory("journal-fuzzing");
            parent.toFile().deleteOnExit();
        }
        Path directory = Journals.directory(parent);
        Files.createDirectories(directory);
        Files.write(directory.resolve(NAME), segment);
        ValueTypes types = new ValueTypes(List.of(), JournalFuzzing.class.getClassLoader());
        types.declare(Journals.CACHE, Object.class);
        JournalCodec codec = new CodecOfJournal(
                Journals.CACHE,
                new KeyCodec(types, List.of(), BeanKeys.NONE),
                new ValueCodec(types, ValueLimits.DEFAULT, List.of()));
        FileJournal journal = Journals.open(parent, Disk.local(), Fsync.NEVER, System::nanoTime, 1 << 20, codec);
        try {
            Journals.contents(journal);
        } finally {
            journal.close();
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    /** Each record takes its length from a byte, and what follows its mark and length from the bytes behind that. */
    private static byte[] sealed(byte[] input) {
        ByteArrayOutputStream segment = new ByteArrayOutputStream();
        segment.writeBytes(SegmentHeader.of(MARK));
        for (int at = 0; at < input.length; ) {
            int length = Math.min(input[at++] & 0xff, input.length - at);
            ByteBuffer record = ByteBuffer.allocate(12 + length + 4);
            record.putLong(MARK).putInt(record.capacity()).put(input, at, length);
            CRC32C crc = new CRC32C();
            crc.update(record.array(), 0, record.position());
            segment.writeBytes(record.putInt((int) crc.getValue()).array());
            at += length;
        }
        return segment.toByteArray();
    }
}
