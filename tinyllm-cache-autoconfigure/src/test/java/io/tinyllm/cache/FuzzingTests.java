package io.tinyllm.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Decoders are given any bytes: what lies in {@code src/test/resources/fuzzing}, and for
 * {@code -Dtinyllm.test.fuzz.seconds=300} what Jazzer makes of it, which looks at what each input reaches in the code.
 */
class FuzzingTests {

    private static final int SECONDS = Integer.getInteger("tinyllm.test.fuzz.seconds", 0);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "codec.DecoderFuzzing$Keys",
                "codec.DecoderFuzzing$Values",
                "codec.DecoderFuzzing$Envelopes",
                "snapshot.SnapshotFuzzing$Lines",
                "snapshot.SnapshotFuzzing$Images",
                "write.JournalFuzzing",
                "tags.BarrierFuzzing",
                "actuate.EndpointFuzzing"
            })
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void anyBytesAreReadOrRefused(String target) throws Exception {
        Path corpus = Path.of(FuzzingTests.class
                .getResource("/fuzzing/" + target.substring(target.indexOf('.') + 1))
                .toURI());
        assertThat(replay(target, corpus)).as("inputs").isGreaterThan(3);
        if (SECONDS > 0) {
            fuzz(target, corpus);
        }
    }

    private static int replay(String target, Path corpus) throws IOException, ReflectiveOperationException {
        Method method = Class.forName("io.tinyllm.cache." + target).getMethod("fuzzerTestOneInput", byte[].class);
        List<Path> inputs;
        try (Stream<Path> files = Files.list(corpus)) {
            inputs = files.sorted().toList();
        }
        for (Path input : inputs) {
            try {
                method.invoke(null, (Object) Files.readAllBytes(input));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(target + " of " + input.getFileName(), e.getCause());
            }
        }
        return inputs.size();
    }

    /** In a process of its own, whose classes Jazzer rewrites. */
    private void fuzz(String target, Path corpus) throws Exception {
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx600m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=io.tinyllm.cache." + target,
                        "--instrumentation_includes=io.tinyllm.cache.**",
                        "--reproducer_path=" + directory,
                        "-artifact_prefix=" + directory + "/",
                        "-max_total_time=" + SECONDS,
                        "-timeout=120",
                        "-max_len=20000",
                        Files.createDirectories(directory.resolve("found")).toString(),
                        corpus.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        int status;
        try {
            status = process.waitFor();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(log, StandardCharsets.ISO_8859_1);
        assertThat(status).as(output).isZero();
        System.out.println(target + ": "
                + output.lines()
                        .filter(line -> line.contains("DONE"))
                        .findFirst()
                        .orElseThrow());
    }
}
