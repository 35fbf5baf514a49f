package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ValueSizerTests {

    record User(String name, int age) {}

    private final ValueSizer sizer = new ValueSizer();

    @Test
    void theSizeIsThatOfTheStoredForm() {
        ValueCodec codec =
                new ValueCodec(new ValueTypes(Set.of(), getClass().getClassLoader()), ValueLimits.DEFAULT, List.of());
        for (Object value : List.of(new User("Ann", 30), List.of(1, 2L, "a"), Map.of("k", new byte[3]))) {
            assertThat(sizer.sizeOf(value, 1_000))
                    .isEqualTo(codec.encode("c", value).json().length);
        }
        assertThat(sizer.sizeOf(null, 1_000)).isEqualTo("null".length());
    }

    @Test
    void theSizeOfTextIsItsBytesInUtf8() {
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(20); n > 0; n--) {
                text.append((char) (random.nextBoolean() ? random.nextInt(0x10000) : 0xD700 + random.nextInt(0x1000)));
            }
            assertThat(sizer.sizeOf(text.toString(), 1_000))
                    .isEqualTo(text.toString().getBytes(StandardCharsets.UTF_8).length);
        }
        assertThat(sizer.sizeOf("x".repeat(1_000), 1_000)).isEqualTo(1_000);
        assertThat(sizer.sizeOf("x".repeat(1_001), 1_000)).isGreaterThan(1_000);
        assertThat(sizer.sizeOf("\u20ac".repeat(1_000), 1_000)).isGreaterThan(1_000);
    }

    @Test
    void countingStopsSoonAfterTheLimit() {
        assertThat(sizer.sizeOf(Collections.nCopies(Integer.MAX_VALUE, "0123456789"), 10_000))
                .isGreaterThan(10_000);
        assertThat(sizer.sizeOf(new byte[1 << 20], 10_000)).isGreaterThan(10_000);
    }

    @Test
    void whatHasNoStoredFormHasNoSize() {
        Object lock = new java.util.concurrent.locks.ReentrantLock();
        assertThatExceptionOfType(UnsupportedValueException.class).isThrownBy(() -> sizer.sizeOf(lock, 1 << 20));
    }
}
