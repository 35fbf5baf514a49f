package io.tinyllm.cache.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.core.port.LoadGate;
import io.tinyllm.cache.core.port.LoadGates;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoadGatesTests {

    /** Counts what has begun, as a gate does that only looks. */
    private static final class Counting implements LoadGate {

        private final AtomicInteger running = new AtomicInteger();

        @Override
        public Pass begin(Kind kind) {
            running.incrementAndGet();
            return new Pass() {};
        }

        @Override
        public int running() {
            return running.get();
        }
    }

    @Test
    void whatWaitsAtTheInnerGateDoesNotRun() {
        LoadGate both = LoadGates.inOrder(new Counting(), new LoadLimit(2, TimeUnit.MINUTES.toNanos(1)));
        List<LoadGate.Pass> passes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            passes.add(both.begin(LoadGate.Kind.CALLER));
        }

        assertThat(both.running()).isEqualTo(2);
        assertThat(both.waiting()).isEqualTo(3);
        passes.forEach(pass -> pass.end(null));
        assertThat(both.waiting()).isZero();
    }

    @Test
    void aGateThatDoesNotCountLeavesTheCountingToTheOther() {
        LoadGate silent = kind -> new LoadGate.Pass() {};
        LoadGate both = LoadGates.inOrder(new Counting(), silent);
        both.begin(LoadGate.Kind.CALLER);

        assertThat(both.running()).isEqualTo(1);
    }
}
