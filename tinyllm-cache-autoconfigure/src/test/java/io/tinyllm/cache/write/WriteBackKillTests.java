package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Dtinyllm.test.kills=200} kills more often. */
class WriteBackKillTests {

    private static final int KILLS = Integer.getInteger("tinyllm.test.kills", 20);

    @TempDir
    Path directory;

    private final Random random = new Random();

    /** The values that a key may have: the last acknowledged, and one that was begun and not acknowledged. */
    private final Map<String, Set<String>> allowed = new HashMap<>();

    private final Map<String, String> begun = new HashMap<>();
    private long acknowledged;
    private int compared;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void theStoreHasTheLastAcknowledgedOperationOfEveryKeyAfterEveryKill() throws Exception {
        for (int run = 1; run <= KILLS; run++) {
            runAndKill(run);
        }
        runAndKill(KILLS + 1);
        System.out.println(KILLS + " kills, " + acknowledged + " acknowledged writes, " + compared + " comparisons");
        assertThat(acknowledged).isGreaterThan(KILLS);
        assertThat(compared).isGreaterThan(0);
    }

    private void runAndKill(int run) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        KilledProcess.class.getName(),
                        directory.toString(),
                        Integer.toString(run))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader()) {
            boolean early = run <= KILLS && random.nextInt(5) == 0;
            Thread killer = early ? killer(process, 600) : null;
            String line;
            while ((line = lines.readLine()) != null) {
                if (line.equals("READY")) {
                    compared++;
                    if (killer == null) {
                        killer = killer(process, 250);
                    }
                } else {
                    read(line.split(" "));
                }
            }
            if (killer != null) {
                killer.join();
            }
        } finally {
            process.toHandle().destroyForcibly();
        }
        assertThat(process.waitFor()).as("killed, not failed").isEqualTo(128 + 9);
    }

    private Thread killer(Process process, int withinMillis) {
        Thread killer = new Thread(() -> {
            try {
                TimeUnit.MICROSECONDS.sleep(random.nextInt(withinMillis * 1000));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            process.toHandle().destroyForcibly();
        });
        killer.start();
        return killer;
    }

    private void read(String[] words) {
        String key = words[1];
        switch (words[0]) {
            case "S" -> {
                assertThat(allowed.getOrDefault(key, Set.of("0")))
                        .as("value of key %s", key)
                        .contains(words[2]);
                allowed.put(key, Set.of(words[2]));
            }
            case "B" -> {
                Set<String> either = new HashSet<>(allowed.getOrDefault(key, Set.of("0")));
                either.add(words[2]);
                allowed.put(key, either);
                begun.put(key, words[2]);
            }
            case "A" -> {
                acknowledged++;
                allowed.put(key, Set.of(begun.get(key)));
            }
            default -> {
                // a line of the log
            }
        }
    }
}
