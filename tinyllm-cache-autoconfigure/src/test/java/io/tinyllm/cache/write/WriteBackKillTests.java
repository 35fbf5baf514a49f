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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -Dtinyllm.test.kills=200} kills more often, half of the times with a disk that fails at random. */
class WriteBackKillTests {

    private static final int KILLS = Integer.getInteger("tinyllm.test.kills", 10) / 2;

    @TempDir
    Path directory;

    private final Random random = new Random();

    /** The values that a key may have: the last acknowledged, and one that was begun and not acknowledged. */
    private final Map<String, Set<String>> allowed = new HashMap<>();

    private final Map<String, String> begun = new HashMap<>();
    private long acknowledged;
    private long refused;
    private int compared;

    @ParameterizedTest(name = "with a disk that fails at random: {0}")
    @ValueSource(booleans = {false, true})
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void theStoreHasTheLastAcknowledgedOperationOfEveryKeyAfterEveryKill(boolean faults) throws Exception {
        for (int run = 1; run <= KILLS; run++) {
            runAndKill(run, faults);
        }
        runAndKill(KILLS + 1, faults);
        System.out.println(KILLS + " kills" + (faults ? " with failing disks, " : ", ") + acknowledged
                + " acknowledged writes, " + refused + " not acknowledged, " + compared + " comparisons, 0 lost");
        assertThat(refused).as("writes that a healthy disk did not take").isLessThanOrEqualTo(faults ? refused : 0);
        assertThat(acknowledged).isGreaterThan(KILLS);
        assertThat(compared).isGreaterThan(0);
    }

    private void runAndKill(int run, boolean faults) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dtinyllm.test.faults=" + faults,
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
            case "N" -> refused++;
            default -> {
                // a line of the log
            }
        }
    }
}
