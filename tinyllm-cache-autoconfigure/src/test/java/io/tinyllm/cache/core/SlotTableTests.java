package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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

    /** A key that cannot be compared costs a change of another one an exception at most, and no lock. */
    @Test
    void aKeyThatThrowsWhenItIsComparedLocksNoOther() {
        Awkward thrower = new Awkward();
        Awkward other = new Awkward();
        table.compute(new SlotKey(other), (key, slot) -> new Slot(key));
        table.compute(new SlotKey(thrower), (key, slot) -> new Slot(key));
        thrower.throwing = true;
        other.throwing = true;
        for (int i = 0; i < 3; i++) {
            for (Awkward key : List.of(thrower, other)) {
                try {
                    table.compute(new SlotKey(key), (found, slot) -> null);
                } catch (UnsupportedOperationException thrown) {
                    assertThat(thrown).hasMessage("not comparable");
                }
            }
        }
        thrower.throwing = false;
        other.throwing = false;
        table.compute(new SlotKey(thrower), (key, slot) -> null);
        table.compute(new SlotKey(other), (key, slot) -> null);
        assertThat(table.size()).isZero();
    }

    private static final class Awkward {

        boolean throwing;

        @Override
        public boolean equals(Object other) {
            if (throwing) {
                throw new UnsupportedOperationException("not comparable");
            }
            return this == other;
        }

        @Override
        public int hashCode() {
            return 7;
        }
    }

    @Test
    void aChangeThatChangesItsOwnKeyIsRefused() {
        assertThatThrownBy(() -> table.compute(new SlotKey("key"), (key, slot) -> {
                    table.compute(new SlotKey("key"), (same, none) -> new Slot(same));
                    return slot;
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(table.size()).isZero();
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
