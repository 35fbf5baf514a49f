package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTests {

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Deadlines deadlines = new Deadlines(timer, System::nanoTime);

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    private Never watched(Executor executor) {
        Never operation = new Never(executor, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(10));
        deadlines.watch(operation);
        return operation;
    }

    @Test
    void givesUpWhatIsNotAnswered() {
        assertThat(watched(Runnable::run)).failsWithin(Duration.ofSeconds(20));
    }

    @Test
    void givesUpOthersWhereHandingOneOverFailed() {
        Never first = watched(task -> {
            throw new OutOfMemoryError("no thread to be had");
        });
        assertThat(first).failsWithin(Duration.ofSeconds(20));
        watched(task -> {
            throw new IllegalStateException("a faulty executor");
        });
        Never other = watched(Runnable::run);
        assertThat(other).failsWithin(Duration.ofSeconds(20));
        assertThat(watched(Runnable::run)).failsWithin(Duration.ofSeconds(20));
    }

    /** An operation that no store ever answers. */
    private static final class Never extends Operation<String, String> {

        Never(Executor executor, long deadlineNanos) {
            super(executor, deadlineNanos);
        }

        @Override
        void ended(@Nullable RemoteFailure failure) {}

        @Override
        @Nullable
        String result(@Nullable String reply) {
            return reply;
        }
    }
}
