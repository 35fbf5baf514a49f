package io.tinyllm.cache.benchmarks.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTests {

    @TempDir
    Path directory;

    @Test
    void readsKeysTimesAndClients() throws IOException {
        Trace trace = Trace.read(gzip("some.csv.gz", "7,1000,alice\n9,2000,bob\n7,3000,alice\n"));
        assertThat(trace.name()).isEqualTo("some");
        assertThat(trace.length()).isEqualTo(3);
        assertThat(trace.footprint()).isEqualTo(2);
        assertThat(trace.key(2)).isEqualTo(trace.key(0)).isNotEqualTo(trace.key(1));
        assertThat(trace.millis(1)).isEqualTo(2000);
        assertThat(trace.client(2)).isEqualTo(trace.client(0)).isNotEqualTo(trace.client(1));
    }

    @Test
    void aTraceWithoutTimesTakesADay() throws IOException {
        Trace trace = Trace.read(gzip("some.csv.gz", "1\n2\n3\n4\n"));
        assertThat(trace.millis(0)).isZero();
        assertThat(trace.millis(2)).isEqualTo(12 * 3_600_000L);
    }

    @Test
    void printsATableAndJson() throws IOException {
        Path loop = gzip("loop.csv.gz", "1\n2\n3\n".repeat(1000));
        String output =
                Replay.run(new String[] {"--trace", loop.toString(), "--feature", "eviction", "--size", "3,100%"});
        assertThat(output)
                .contains("| loop  |     3000 |         3 |    3 |                   |    0.999 |")
                .contains(
                        "{\"feature\":\"eviction\",\"tables\":{\"hit ratios\":[{\"trace\":\"loop\",\"accesses\":3000,");
    }

    @Test
    void judgesTheSizeTunerByAnOracle() throws IOException {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < 60_000; i++) {
            keys.append(i % 500).append('\n');
        }
        Path loop = gzip("loop.csv.gz", keys.toString());
        String output = Replay.run(new String[] {
            "--trace",
            directory.toString(),
            "--feature",
            "size-tuner",
            "--target",
            "0.95",
            "--policy",
            "threshold",
            "--format",
            "json"
        });
        assertThat(loop).exists();
        assertThat(output)
                .contains("\"trace\":\"loop\",\"target\":0.95,\"policy\":\"threshold\",\"attainable\":\"yes\"")
                .containsPattern("\"oracle or knee\":(4[5-9]\\d|500),");
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Replay.run(new String[] {"--feature", "magic"}))
                .withMessage("no feature 'magic'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Replay.run(new String[] {"--speed", "9"}))
                .withMessageContaining("--trace");
    }

    private Path gzip(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }
}
