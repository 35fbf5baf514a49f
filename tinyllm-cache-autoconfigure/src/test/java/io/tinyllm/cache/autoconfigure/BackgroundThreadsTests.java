package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
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
    void whoHasWaitedGoesOnThoughEveryLoadHangsAndAlsoAtTheEnd() throws Exception {
        BackgroundThreads threads = new BackgroundThreads(null);
        CountDownLatch hang = new CountDownLatch(1);
        CompletableFuture<String> thread = new CompletableFuture<>();
        CountDownLatch goOn = new CountDownLatch(1);
        try {
            for (int i = 0; i < 100; i++) {
                threads.execute(() -> await(hang));
            }
            threads.goOn(() -> thread.complete(Thread.currentThread().getName()));
            assertThat(thread.get(20, TimeUnit.SECONDS)).startsWith("tinyllm-cache-wait-");
            CountDownLatch many = new CountDownLatch(20);
            for (int i = 0; i < 20; i++) {
                threads.goOn(() -> {
                    await(goOn);
                    many.countDown();
                });
            }
            threads.destroy();
            goOn.countDown();
            assertThat(many.await(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            hang.countDown();
            goOn.countDown();
            threads.destroy();
        }
    }

    /** Rejected, and taken by other threads at once: its caller must not wait for loads of other callers. */
    @Test
    void whoHasWaitedStandsInNoQueueBehindLoadsOfOthersThatHang() {
        BackgroundThreads threads = new BackgroundThreads(null);
        CountDownLatch hang = new CountDownLatch(1);
        try {
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            threads.goOn(() -> await(hang));
                        }
                    })
                    .isInstanceOf(RejectedExecutionException.class);
        } finally {
            hang.countDown();
            threads.destroy();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
