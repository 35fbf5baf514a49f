package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentChangesTests {

    private final AtomicLong nanos = new AtomicLong(-5);

    private RecentChanges changes(long maximumBytes) {
        return new RecentChanges(nanos::get, maximumBytes);
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void keepsTheChangesOfAMinuteAndForgetsThemAfterTwo() {
        RecentChanges changes = changes(1 << 20);
        changes.add("a");
        pass(59);
        changes.add("b");
        pass(30);
        changes.add("c");
        assertThat(changes.keys()).containsExactlyInAnyOrder("a", "b", "c");
        pass(61);
        changes.add("d");
        assertThat(changes.keys()).containsExactlyInAnyOrder("c", "d");
        pass(121);
        assertThat(changes.keys()).as("nothing was changed since").isEmpty();
    }

    @Test
    void aClearConcernsEverythingForAsLong() {
        RecentChanges changes = changes(1 << 20);
        changes.addAll();
        changes.add("a");
        assertThat(changes.isAll()).isTrue();
        pass(61);
        changes.add("b");
        assertThat(changes.isAll()).isTrue();
        pass(61);
        changes.add("c");
        assertThat(changes.isAll()).isFalse();
        assertThat(changes.keys()).contains("b", "c");
    }

    @Test
    void moreKeysThanTheirBytesAllowCountAsAll() {
        RecentChanges changes = changes(10_000);
        for (int i = 0; i < 1000; i++) {
            changes.add("x".repeat(40) + i);
        }
        assertThat(changes.isAll()).isTrue();
        assertThat(changes.keys()).isEmpty();
    }

    @Test
    void whatWasChangedIsNotReadUntilItIsWrittenAgain() {
        RecentChanges changes = changes(1 << 20);
        RecoveryLog<String> missed = new RecoveryLog<>(100, 1 << 20, String::length);
        changes.add("a");
        changes.add("b");
        changes.makeMissed(missed);
        assertThat(missed.isReadable("a")).isFalse();
        assertThat(missed.isReadable("c")).isTrue();
        missed.arrived("a", missed.begin("a"));
        assertThat(missed.isReadable("a")).isTrue();
        changes.addAll();
        changes.makeMissed(missed);
        assertThat(missed.isReadable("c")).isFalse();
    }
}
