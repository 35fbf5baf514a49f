package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.redis.RedisProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Applications with {@code redis.single-flight: true} load a key once between them, and survive the one that loads. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SingleFlightAcrossProcessesTests {

    private final RedisProcess redis = RedisProcess.start();

    @AfterEach
    void stop() {
        redis.close();
    }

    private static void get(Process process, String key) throws IOException {
        OutputStream input = process.getOutputStream();
        input.write((key + "\n").getBytes(StandardCharsets.US_ASCII));
        input.flush();
    }

    private static String answers(BufferedReader lines) throws IOException {
        String line;
        do {
            line = LoadingProcess.line(lines);
        } while ("loading".equals(line));
        return line;
    }

    @Test
    void loadsColdKeyOnceForAllThreadsOfTwoProcessesAndGoesOnWithoutTheOneThatDiesLoading() throws Exception {
        Process dying = LoadingProcess.start(redis);
        Process other = LoadingProcess.start(redis);
        try (BufferedReader first = dying.inputReader();
                BufferedReader second = other.inputReader()) {
            assertThat(LoadingProcess.line(first)).isEqualTo("ready");
            assertThat(LoadingProcess.line(second)).isEqualTo("ready");
            get(dying, "cold");
            get(other, "cold");
            assertThat(answers(first)).isEqualTo("answer 1");
            assertThat(answers(second)).isEqualTo("answer 1");
            assertThat(redis.<String>call(commands -> commands.get("calls of cold")))
                    .isEqualTo("1");

            get(dying, "hang");
            assertThat(LoadingProcess.line(first)).isEqualTo("loading");
            get(other, "hang");
            dying.toHandle().destroyForcibly();
            long killed = System.nanoTime();

            assertThat(answers(second)).isEqualTo("answer 2");
            Duration took = Duration.ofNanos(System.nanoTime() - killed);
            System.out.println("Went on " + took.toMillis() + " ms after the one that loaded was killed");
            // The rest of its lease of three seconds, a load of half a second, and what a busy machine adds.
            assertThat(took).isLessThan(Duration.ofSeconds(20));
        } finally {
            dying.destroyForcibly();
            other.destroyForcibly();
        }
    }
}
