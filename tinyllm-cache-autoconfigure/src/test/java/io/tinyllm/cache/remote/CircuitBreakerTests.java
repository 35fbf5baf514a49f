package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTests {

    private final AtomicLong nanos = new AtomicLong();
    private final CircuitBreaker breaker = new CircuitBreaker(nanos::get);

    @Test
    void opensAtTheFifthFailureInRow() {
        for (int i = 0; i < 4; i++) {
            assertThat(breaker.failed()).isFalse();
        }
        breaker.succeeded();
        for (int i = 0; i < 4; i++) {
            assertThat(breaker.failed()).isFalse();
        }
        assertThat(breaker.isOpen()).isFalse();
        assertThat(breaker.failed()).isTrue();
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.failed()).as("it is open already").isFalse();
    }

    @Test
    void opensWhenHalfOfTwentyOperationsFail() {
        for (int i = 0; i < 9; i++) {
            breaker.succeeded();
            assertThat(breaker.failed()).isFalse();
        }
        breaker.succeeded();
        assertThat(breaker.failed()).isTrue();
    }

    @Test
    void forgetsFailuresOfLongAgo() {
        for (int i = 0; i < 9; i++) {
            breaker.succeeded();
            breaker.failed();
        }
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
        breaker.succeeded();
        assertThat(breaker.failed()).isFalse();
    }

    @Test
    void beginsAnewOnceClosed() {
        for (int i = 0; i < 5; i++) {
            breaker.failed();
        }
        assertThat(breaker.close()).isTrue();
        assertThat(breaker.close()).isFalse();
        for (int i = 0; i < 4; i++) {
            assertThat(breaker.failed()).isFalse();
        }
    }
}
