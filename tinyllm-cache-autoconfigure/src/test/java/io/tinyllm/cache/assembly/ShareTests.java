package io.tinyllm.cache.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class ShareTests {

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void aCacheWhoseTasksHangTakesNoMoreThanItsShare() {
        Share hanging = new Share(threads::add, 2);
        Share other = new Share(threads::add, 2);
        for (int i = 0; i < 100; i++) {
            hanging.execute(() -> {});
        }
        assertThat(threads).hasSize(2);
        other.execute(() -> ran.add(1));
        assertThat(threads).hasSize(3);
    }

    @Test
    void whatWaitsRunsInItsOrderAsOthersEndWhateverTheyThrow() {
        Share share = new Share(threads::add, 2);
        for (int i = 0; i < 5; i++) {
            int number = i;
            share.execute(() -> {
                ran.add(number);
                if (number == 1) {
                    throw new IllegalStateException("one of them");
                }
            });
        }
        for (Runnable task = threads.poll(); task != null; task = threads.poll()) {
            try {
                task.run();
            } catch (IllegalStateException expected) {
                assertThat(expected).hasMessage("one of them");
            }
        }
        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
        share.execute(() -> ran.add(5));
        assertThat(threads).hasSize(1);
    }

    @Test
    void whatIsTooMuchIsRejectedAndTakesNoPlace() {
        Share share = new Share(
                task -> {
                    throw new RejectedExecutionException();
                },
                2);
        for (int i = 0; i < 10; i++) {
            assertThatThrownBy(() -> share.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        }
        Share full = new Share(threads::add, 1);
        for (int i = 0; i < 1_001; i++) {
            full.execute(() -> {});
        }
        assertThatThrownBy(() -> full.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    }
}
