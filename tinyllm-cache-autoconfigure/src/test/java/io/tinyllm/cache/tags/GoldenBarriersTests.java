package io.tinyllm.cache.tags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.core.port.Moment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Evictions that an earlier process has left are read as ever: {@code tags/v1.evictions} is of format version 1 as that
 * was first written. {@code -Dtinyllm.test.golden-directory=src/test/resources} writes it, for a new version only.
 */
class GoldenBarriersTests {

    private static final String FILE = "/tags/v1.evictions";

    private final Barriers barriers = new Barriers(() -> 5_000);

    private static byte[] golden() throws IOException {
        String directory = System.getProperty("tinyllm.test.golden-directory");
        if (directory != null) {
            Path path = Path.of(directory + FILE);
            Files.createDirectories(path.getParent());
            Files.write(path, BarrierFormat.write(written()));
            return Files.readAllBytes(path);
        }
        try (InputStream in = GoldenBarriersTests.class.getResourceAsStream(FILE)) {
            assertThat(in).as(FILE).isNotNull();
            return in.readAllBytes();
        }
    }

    private static Barriers written() {
        Barriers written = new Barriers(() -> 1_000);
        written.forget(new Moment(300, 7));
        written.raise(new Target(null, "everywhere"));
        written.heard(new Target("users", "\u00e9 \ud83d\ude00"), 40);
        written.raise(new Target("users", "told"));
        written.told(new Target("users", "told"), 1_002, 41);
        return written;
    }

    @Test
    void aFileOfTheFormatsVersionIsReadAsEver() throws IOException {
        BarrierFormat.read(golden(), barriers);
        assertThat(barriers.all())
                .isEqualTo(List.of(
                        new Barrier(new Target(null, "everywhere"), 1_000, 0, 1_000),
                        new Barrier(new Target("users", "\u00e9 \ud83d\ude00"), 1_001, 40, 0),
                        new Barrier(new Target("users", "told"), 1_002, 41, 0)));
        assertThat(barriers.now()).isEqualTo(new Moment(1_002, 41));
        assertThat(barriers.horizon()).isEqualTo(new Moment(300, 7));
    }

    @Test
    void noByteOfItGoesUnchecked() throws IOException {
        byte[] golden = golden();
        for (int at = 0; at < golden.length; at++) {
            byte[] damaged = golden.clone();
            damaged[at] ^= 0x10;
            assertThatThrownBy(() -> BarrierFormat.read(damaged, barriers)).isInstanceOf(IOException.class);
        }
        assertThat(barriers.all()).isEmpty();
    }
}
