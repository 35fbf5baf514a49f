package io.tinyllm.cache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.BeanKeys;
import io.tinyllm.cache.codec.KeyCodec;
import io.tinyllm.cache.codec.ValueCodec;
import io.tinyllm.cache.codec.ValueLimits;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.port.Moment;
import io.tinyllm.cache.core.port.Tagged;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tags in lines of snapshots of format version 2: written as they were first, and read as ever. */
class GoldenTagsTests {

    private static final String LINE = "{\"key\":\"alice\",\"expiresAt\":\"2026-01-31T12:10:00.123Z\","
            + "\"tags\":[\"1769860800000123\",\"eu\",\"\u00e9\"],\"type\":\"java.lang.String\",\"value\":\"text\"}";

    private static final long DEADLINE =
            Instant.parse("2026-01-31T12:10:00.123Z").toEpochMilli();

    private final ValueTypes types = new ValueTypes(List.of(), getClass().getClassLoader());
    private final EntryFormat format = new EntryFormat(
            "users",
            new KeyCodec(types, List.of(), BeanKeys.NONE),
            new ValueCodec(types, ValueLimits.DEFAULT, List.of()));

    @Test
    void aLineWithTagsIsReadAsEver() throws BadSnapshotException {
        byte[] bytes = LINE.getBytes(StandardCharsets.UTF_8);
        format.check(bytes, 0, bytes.length);
        EntryFormat.Entry entry = format.read(bytes, 0, bytes.length);
        assertThat(entry.key()).isEqualTo("alice");
        assertThat(entry.value()).isEqualTo("text");
        assertThat(entry.expiresAt()).isEqualTo(DEADLINE);
        assertThat(entry.tags().names()).containsExactly("eu", "\u00e9");
        assertThat(entry.tags().moment().local()).isEqualTo(1_769_860_800_000_123L);
    }

    @Test
    void aLineWithTagsIsWrittenAsEver() {
        Line line = new Line();
        Tagged tags = new Tagged(List.of("eu", "\u00e9"), new Moment(1_769_860_800_000_123L, 9));
        assertThat(format.write(line, "alice", "text", DEADLINE, tags, lacking -> {}))
                .isTrue();
        byte[] bytes = line.raw("}").bytes();
        assertThat(new String(bytes, 0, line.length(), StandardCharsets.UTF_8)).isEqualTo(LINE);
    }
}
