package io.tinyllm.cache.prefetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.Leader;
import io.tinyllm.cache.core.Load;
import org.junit.jupiter.api.Test;

class InvocationsTests {

    @Test
    void onlyTheLatestInvocationsAreRemembered() {
        Invocations invocations = new Invocations(10);
        Leader leader = new Leader() {

            @Override
            public void lead(Load load) {}

            @Override
            public Reload reinvocation() {
                return load -> load.publish("value");
            }
        };
        for (int i = 0; i < 1000; i++) {
            invocations.remember(i, leader);
        }

        assertThat(invocations.size()).isEqualTo(10);
        assertThat(invocations.get(999)).isNotNull();
        assertThat(invocations.get(989)).isNull();
    }
}
