package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.core.task.TaskDecorator;

class BackgroundThreadsTests {

    private static String threadOf(TaskDecorator decorator, AtomicInteger runs) throws Exception {
        BackgroundThreads threads = new BackgroundThreads(decorator);
        try {
            CompletableFuture<String> thread = new CompletableFuture<>();
            CompletableFuture<String> next = new CompletableFuture<>();
            threads.execute(() -> {
                runs.incrementAndGet();
                thread.complete(Thread.currentThread().getName());
            });
            threads.prefetch(() -> next.complete(Thread.currentThread().getName()));
            assertThat(next.get(20, TimeUnit.SECONDS)).startsWith("tinyllm-cache-prefetch-");
            return thread.get(20, TimeUnit.SECONDS);
        } finally {
            threads.destroy();
        }
    }

    @Test
    void runsTasksInsideTheirDecoration() throws Exception {
        AtomicInteger decorated = new AtomicInteger();
        AtomicInteger runs = new AtomicInteger();
        TaskDecorator counting = task -> () -> {
            decorated.incrementAndGet();
            task.run();
        };
        assertThat(threadOf(counting, runs)).startsWith("tinyllm-cache-load-");
        assertThat(decorated).hasValue(2);
        assertThat(runs).hasValue(1);
    }

    @Test
    void runsTasksWhoseDecorationFails() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        assertThat(threadOf(
                        task -> () -> {
                            throw new IllegalStateException("no context");
                        },
                        runs))
                .startsWith("tinyllm-cache-load-");
        assertThat(runs).hasValue(1);
    }
}
