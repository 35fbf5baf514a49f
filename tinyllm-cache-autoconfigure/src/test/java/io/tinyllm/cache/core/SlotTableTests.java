package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlotTableTests {

    private final SlotTable table = new SlotTable();

    /** More keys than any table of this size has bins. */
    @Test
    void aKeyThatIsBeingChangedKeepsNoOtherWaiting() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Thread slow = new Thread(() -> table.compute(new SlotKey("slow"), (key, slot) -> {
            inside.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return slot;
        }));
        slow.start();
        try {
            assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 20_000; i++) {
                table.compute(new SlotKey(i), (key, slot) -> null);
            }
        } finally {
            end.countDown();
            slow.join();
        }
        assertThat(table.size()).isZero();
    }

    /** The key comes and goes all the while, and each time with another lock. */
    @Test
    void changesOfAKeyRunOneAfterAnother() throws InterruptedException {
        int threads = 4;
        int changes = 50_000;
        int[] count = new int[1];
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            boolean keeps = t % 2 == 0;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < changes; i++) {
                    table.compute(new SlotKey("key"), (key, slot) -> {
                        count[0]++;
                        return keeps ? new Slot(key) : null;
                    });
                }
            });
            thread.start();
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(count[0]).isEqualTo(threads * changes);
    }

    @Test
    void aSlotThatAChangeThrowsOnStaysAndNoneComesOfOne() {
        assertThatThrownBy(() -> table.compute(new SlotKey("key"), (key, slot) -> {
                    throw new IllegalStateException("thrown");
                }))
                .hasMessage("thrown");
        assertThat(table.contains(new SlotKey("key"))).isFalse();
        table.compute(new SlotKey("key"), (key, slot) -> new Slot(key));
        assertThatThrownBy(() -> table.computeIfPresent(new SlotKey("key"), (key, slot) -> {
                    throw new IllegalStateException("thrown");
                }))
                .hasMessage("thrown");
        assertThat(table.contains(new SlotKey("key"))).isTrue();
    }

    /** Else a key would count as being loaded while it is put or evicted. */
    @Test
    void aKeyThatIsBeingChangedHasNoSlotYet() {
        table.compute(new SlotKey("key"), (key, slot) -> {
            assertThat(table.contains(new SlotKey("key"))).isFalse();
            assertThat(table.size()).isZero();
            return null;
        });
    }

    @Test
    void whatIsNotThereIsNotComputedIfPresent() {
        table.computeIfPresent(new SlotKey("key"), (key, slot) -> new Slot(key));
        assertThat(table.contains(new SlotKey("key"))).isFalse();
    }
}
