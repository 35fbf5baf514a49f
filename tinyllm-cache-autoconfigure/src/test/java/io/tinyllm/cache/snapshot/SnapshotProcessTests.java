package io.tinyllm.cache.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotProcessTests {

    /** How often a process is killed while it saves. */
    private static final int KILLS = Integer.getInteger("tinyllm.test.snapshot-kills", 20);

    @TempDir
    Path directory;

    @Test
    void killedAtAnyMomentItLeavesAWholeGeneration() throws Exception {
        Random random = new Random();
        int unfinished = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int acknowledged = saveAndKill(random.nextInt(120));
            unfinished += temporaries();
            try (Fixture f = new Fixture(directory).start()) {
                assertThat(temporaries()).isZero();
                assertThat(f.restore().entries()).isEqualTo(SnapshotChild.ENTRIES);
                assertThat(f.snapshots.statistics().corruptFiles()).isZero();
                Object first = f.value("key0");
                assertThat(Integer.parseInt(first.toString().substring("round ".length())))
                        .isGreaterThanOrEqualTo(acknowledged);
                for (int i = 0; i < SnapshotChild.ENTRIES; i++) {
                    assertThat(f.value("key" + i)).isEqualTo(first);
                }
            }
        }
        System.out.println(KILLS + " kills, " + unfinished + " of them with an unfinished file");
    }

    /**
     * Runs a process that saves, kills it some time after its first save, and answers the last save that it told of.
     */
    private int saveAndKill(int afterMillis) throws Exception {
        Process process = SnapshotChild.start("64m", "save", directory.toString());
        try (BufferedReader lines = lines(process)) {
            int last = Integer.parseInt(lines.readLine());
            // No more than a random moment: nothing waits for it.
            process.waitFor(afterMillis, TimeUnit.MILLISECONDS);
            // Unlike the process itself, its handle leaves what it still has to say to be read.
            process.toHandle().destroyForcibly();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = Integer.parseInt(line);
            }
            return last;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void aSecondProcessIsRefusedUntilTheFirstHasEnded() throws Exception {
        Process process = SnapshotChild.start("64m", "hold", directory.toString());
        try (BufferedReader lines = lines(process)) {
            assertThat(lines.readLine()).isEqualTo("ready");
            assertThatThrownBy(() -> SnapshotStore.open(directory, 2, false))
                    .isInstanceOf(SnapshotException.class)
                    .hasMessageContaining(directory.toRealPath().toString())
                    .hasMessageContaining("in use by another process")
                    .hasMessageContaining("tinyllm.cache.snapshots.directory");
        } finally {
            process.destroyForcibly().waitFor();
        }
        SnapshotStore.open(directory, 2, false).close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void savesAndRestoresMoreThanItsHeapHolds(boolean compress) throws Exception {
        int entries = Integer.getInteger("tinyllm.test.snapshot-entries", 40_000); // 64 MB
        Process process = SnapshotChild.start(
                "20m", "stream", directory.toString(), String.valueOf(entries), String.valueOf(compress));
        try (BufferedReader lines = lines(process)) {
            // Among the lines of its log.
            assertThat(lines.lines()).contains("saved " + entries, "restored " + entries + " wrong 0");
            if (!compress) {
                assertThat(Files.size(directory.resolve("large-1.jsonl"))).isGreaterThan(entries * 1500L);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private int temporaries() throws IOException {
        try (var files = Files.newDirectoryStream(directory, "*.tmp")) {
            int count = 0;
            for (Path ignored : files) {
                count++;
            }
            return count;
        }
    }

    private static BufferedReader lines(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
