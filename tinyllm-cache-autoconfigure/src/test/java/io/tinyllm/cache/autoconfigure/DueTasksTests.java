package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DueTasksTests {

    private static final long DAY = TimeUnit.DAYS.toNanos(1);

    private final DueTasks tasks = new DueTasks(task -> new Thread(task, "timer"));
    private final List<String> ran = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        tasks.close();
    }

    @Test
    void runsWhatIsDueOnItsOwnThreadAndNothingBefore() throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        tasks.after(DAY, () -> ran.add("later"));
        tasks.after(1_000, () -> thread.complete(Thread.currentThread().getName()));
        assertThat(thread.get(20, TimeUnit.SECONDS)).isEqualTo("timer");
        assertThat(ran).isEmpty();
    }

    @Test
    void whatIsCancelledIsNeitherRunNorKept() {
        Future<?> cancelled = tasks.after(DAY, () -> ran.add("cancelled"));
        cancelled.cancel(false);
        assertThat(tasks.waiting()).isZero();
        tasks.close();
        assertThat(ran).isEmpty();
    }

    @Test
    void whatIsLeftAtTheEndRunsThenAndWhatComesLaterAtOnce() throws Exception {
        CompletableFuture<Thread> timer = new CompletableFuture<>();
        tasks.after(1, () -> timer.complete(Thread.currentThread()));
        Thread thread = timer.get(20, TimeUnit.SECONDS);
        tasks.after(DAY, () -> ran.add("left"));
        tasks.after(DAY, () -> {
            throw new IllegalStateException("costs itself");
        });
        tasks.after(DAY, () -> ran.add("left too"));
        tasks.close();
        assertThat(ran).containsExactlyInAnyOrder("left", "left too");
        tasks.after(DAY, () -> ran.add("later"));
        assertThat(ran).hasSize(3).endsWith("later");
        thread.join(Duration.ofSeconds(20).toMillis());
        assertThat(thread.isAlive()).isFalse();
    }
}
