package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Versions of keys, by which whoever copies a value knows whether it is still the newest. */
class KeyOrderTests {

    private final KeyOrder order = new KeyOrder();

    @Test
    void aVersionThatWasSeenDuringAChangeIsNoneThatStands() {
        long before = order.version("key");
        long during = order.change("key", () -> order.version("key"));
        assertThat(during).isNotEqualTo(before);
        assertThat(order.version("key")).isNotIn(before, during);
    }

    @Test
    void noMoreIsOneThatWasSeenDuringAChangeOfEveryKey() {
        long before = order.version("key");
        long during = order.changeAll(() -> order.version("key"));
        assertThat(during).isNotEqualTo(before);
        assertThat(order.version("key")).isNotIn(before, during);
    }

    @Test
    void whatChangesNoKeyChangesNoVersion() {
        long before = order.version("key");
        assertThat(order.keepIf("key", () -> true, () -> "sent", "not sent")).isEqualTo("sent");
        assertThat(order.keepIf("key", () -> false, () -> "sent", "not sent")).isEqualTo("not sent");
        assertThat(order.version("key")).isEqualTo(before);
    }
}
