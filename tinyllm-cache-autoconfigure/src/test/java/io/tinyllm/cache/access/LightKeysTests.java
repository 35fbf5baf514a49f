package io.tinyllm.cache.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.cache.interceptor.SimpleKey;

class LightKeysTests {

    private static final String LONG = "x".repeat(200);

    @Test
    void keysOfAFewShortPartsAreLight() {
        assertThat(List.of(
                        "text",
                        42L,
                        new UUID(1, 2),
                        SimpleKey.EMPTY,
                        new SimpleKey("tiny", "hello"),
                        new SimpleKey(1, 'c', TimeUnit.DAYS, 2.5),
                        new Numbers(1, 2),
                        new Named("name", 7, TimeUnit.DAYS)))
                .allMatch(LightKeys::isLight);
    }

    @Test
    void whatMayHoldMoreIsWeighed() {
        assertThat(List.of(
                        LONG,
                        new SimpleKey("tiny", LONG),
                        new SimpleKey("a", "b", "c", "d", "e", "f", "g", "h", "i"),
                        new SimpleKey("tiny", List.of("a")),
                        new SimpleKey("x".repeat(100), "y".repeat(100)),
                        new Named(LONG, 7, null),
                        new Bytes(new byte[4]),
                        new byte[4],
                        new String[] {"a"},
                        List.of("a"),
                        new StringBuilder("a")))
                .noneMatch(LightKeys::isLight);
    }

    /** A prompt of some hundred kilobytes is a key as well, and each of its hits is recorded. */
    @Test
    void longTextsAreWeighedByTheirLength() {
        weighs("x".repeat(100_000), 100_000);
        weighs("\u4f60\u597d".repeat(50_000), 200_000);
    }

    private static void weighs(String prompt, long least) {
        for (Object key : List.of(prompt, new SimpleKey("tiny", prompt), new Named(prompt, 7, null))) {
            AccessBytes bytes = new AccessBytes(1 << 20);
            int weight = bytes.take(key, read -> {
                throw new AssertionError("The text was read");
            });
            assertThat(AccessBytes.bytes(weight)).isBetween(least, 2 * least);
            assertThat(bytes.taken()).isEqualTo(AccessBytes.bytes(weight));
        }
    }

    @Test
    void tellingAllocatesNothing() {
        Object[] keys = {new SimpleKey("tiny", "hello"), new Named("name", 7, TimeUnit.DAYS), "text"};
        count(keys, 50_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        int light = count(keys, 50_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(light).isEqualTo(150_000);
        assertThat(allocated).isLessThan(150_000);
    }

    private static int count(Object[] keys, int rounds) {
        int light = 0;
        for (int i = 0; i < rounds; i++) {
            for (Object key : keys) {
                light += LightKeys.isLight(key) ? 1 : 0;
            }
        }
        return light;
    }

    private record Numbers(int one, long two) {}

    private record Named(String name, int number, TimeUnit unit) {}

    private record Bytes(byte[] bytes) {}
}
