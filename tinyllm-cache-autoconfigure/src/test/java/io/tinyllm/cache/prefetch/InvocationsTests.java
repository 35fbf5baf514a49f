package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import org.junit.jupiter.api.Test;

class InvocationsTests {

    private final Leader leader = new Leader() {

        @Override
        public void lead(Load load) {}

        @Override
        public Reload reinvocation() {
            return load -> load.publish("value");
        }
    };

    @Test
    void keysAndArgumentsTakeNoMoreThanTheirBytes() {
        Invocations invocations = new Invocations(1000, 10_000, key -> ((String) key).length());
        for (int i = 0; i < 100; i++) {
            invocations.remember("k".repeat(1000) + i, leader);
            invocations.remember("k".repeat(1000) + i, leader);
        }
        assertThat(invocations.size()).isEqualTo(4);
        assertThat(invocations.get("k".repeat(1000) + 99)).isNotNull();

        invocations.remember("k".repeat(6000), leader);
        assertThat(invocations.size()).as("too long by itself").isZero();
        invocations.remember("short", leader);
        assertThat(invocations.get("short")).isNotNull();
    }

    @Test
    void onlyTheLatestInvocationsAreRemembered() {
        Invocations invocations = new Invocations(10, 1 << 20, key -> 8);
        for (int i = 0; i < 1000; i++) {
            invocations.remember(i, leader);
        }

        assertThat(invocations.size()).isEqualTo(10);
        assertThat(invocations.get(999)).isNotNull();
        assertThat(invocations.get(989)).isNull();
    }
}
