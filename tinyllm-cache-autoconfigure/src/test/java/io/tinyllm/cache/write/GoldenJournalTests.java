package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.disk.Disk;
import io.tinyllm.cache.settings.WriteSettings.Fsync;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A journal that an earlier process has left is read as ever: {@code journal/v2.journal} holds one of format version 2
 * as that was first written. {@code -Dtinyllm.test.golden-directory=src/test/resources} writes it, for a new version
 * only.
 */
@Timeout(60)
class GoldenJournalTests {

    private static final String FILE = "/journal/v2.journal";

    @TempDir
    Path parent;

    record Quote(String symbol, double price, Instant at, List<String> tags) {}

    record Id(String region, int number) {}

    private final ManualTicker ticker = new ManualTicker();

    private static Map<Object, Object> lastOperations() {
        Map<Object, Object> last = new LinkedHashMap<>();
        last.put("text", "\u00e9\ud83d\ude00");
        last.put(new Id("eu", 7), new Quote("ACME", 12.5, Instant.parse("2026-01-31T12:00:00Z"), List.of("a", "b")));
        last.put(42L, Duration.ofMinutes(5));
        last.put("gone", "deleted");
        last.put("long", "x".repeat(10_000));
        return last;
    }

    private FileJournal open() {
        ValueTypes types =
                new ValueTypes(List.of("io.tinyllm.cache.write."), getClass().getClassLoader());
        types.declare(Journals.CACHE, Object.class);
        ValueCodec values = new ValueCodec(types, ValueLimits.DEFAULT, List.of());
        KeyCodec keys = new KeyCodec(types, List.of(), values.beanKeys());
        JournalCodec codec = new CodecOfJournal(Journals.CACHE, keys, values);
        return Journals.open(parent, Disk.local(), Fsync.NEVER, ticker, 1 << 20, codec);
    }

    private void write(Path golden) throws IOException {
        FileJournal journal = open();
        Operation written = Journals.append(journal, "flushed", "value");
        Journals.append(journal, "text", "older");
        for (Map.Entry<Object, Object> each : lastOperations().entrySet()) {
            Journals.append(journal, each.getKey(), each.getValue().equals("deleted") ? null : each.getValue());
        }
        assertThat(journal.release(List.of(written))).isTrue();
        journal.close();
        Files.createDirectories(golden.getParent());
        Files.move(Journals.segment(parent), golden);
    }

    @Test
    void aJournalOfTheFormatsVersionIsReadAsEver() throws IOException {
        String directory = System.getProperty("tinyllm.test.golden-directory");
        if (directory != null) {
            write(Path.of(directory + FILE));
        }
        Path segment = Journals.directory(parent).resolve(segmentName());
        Files.createDirectories(segment.getParent());
        try (InputStream in = directory == null
                ? getClass().getResourceAsStream(FILE)
                : Files.newInputStream(Path.of(directory + FILE))) {
            assertThat(in).as(FILE).isNotNull();
            Files.write(segment, in.readAllBytes());
        }
        FileJournal journal = open();
        try {
            assertThat(Journals.contents(journal)).isEqualTo(lastOperations());
            assertThat(journal.unreadable()).isEmpty();
            assertThat(JournalFiles.caches(Disk.local(), parent)).isEqualTo(Set.of(Journals.CACHE));
        } finally {
            journal.close();
        }
        assertThat(Journals.files(parent, ".damaged")).isEmpty();
    }

    /** What a segment is called, which is not part of its content. */
    private String segmentName() throws IOException {
        Path other = Files.createDirectories(parent.resolve("other"));
        FileJournal journal = Journals.open(other, Disk.local(), Fsync.NEVER, ticker, 1 << 20);
        try {
            return Journals.segment(other).getFileName().toString();
        } finally {
            journal.close();
        }
    }
}
