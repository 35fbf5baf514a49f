package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ValueSizerTests {

    record User(String name, int age) {}

    private final ValueSizer sizer = new ValueSizer();

    @Test
    void theSizeIsThatOfTheJson() {
        assertThat(sizer.sizeOf(new User("Ann", 30), 1_000)).isEqualTo("{\"age\":30,\"name\":\"Ann\"}".length());
        assertThat(sizer.sizeOf(List.of(1, 2L, "a"), 1_000)).isEqualTo("[1,2,\"a\"]".length());
        assertThat(sizer.sizeOf(Map.of("k", new byte[3]), 1_000)).isEqualTo("{\"k\":\"AAAA\"}".length());
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
        AtomicInteger asked = new AtomicInteger();
        List<String> endless = new AbstractList<>() {
            @Override
            public String get(int index) {
                asked.incrementAndGet();
                return "0123456789";
            }

            @Override
            public int size() {
                return Integer.MAX_VALUE;
            }
        };
        assertThat(sizer.sizeOf(endless, 10_000)).isGreaterThan(10_000);
        assertThat(asked.get()).isLessThan(5_000);
        assertThat(sizer.sizeOf(new byte[1 << 20], 10_000)).isGreaterThan(10_000);
    }

    @Test
    void whatHasNoJsonHasNoSize() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThatExceptionOfType(UnsupportedValueException.class).isThrownBy(() -> sizer.sizeOf(cycle, 1 << 20));
    }
}
