package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every policy promises. */
@Timeout(30)
abstract class WritePolicyContract {

    final RecordingStore.Clearing store = new RecordingStore.Clearing();
    final ManualTicker ticker = new ManualTicker();
    StoreWriter policy;

    abstract StoreWriter policy();

    /** Brings the store up to date. */
    abstract void quiesce();

    @BeforeEach
    void open() {
        policy = policy();
    }

    @AfterEach
    void close() {
        store.refuseNothing();
        policy.close(Duration.ofSeconds(10));
    }

    void put(String key, String value) {
        policy.put(key, value).close();
    }

    @Test
    void aPutReachesTheStore() {
        put("a", "1");
        quiesce();
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
        assertThat(policy.statistics().flushed()).isEqualTo(1);
    }

    @Test
    void anEvictDeletesFromTheStore() {
        put("a", "1");
        quiesce();
        policy.evict("a").close();
        quiesce();
        assertThat(store.rows).isEmpty();
    }

    @Test
    void aNullIsADeletion() {
        store.rows.put("a", "1");
        policy.put("a", null).close();
        quiesce();
        assertThat(store.rows).isEmpty();
    }

    @Test
    void clearClearsTheStoreAfterWhatWasPutBefore() {
        put("a", "1");
        policy.clear().close();
        quiesce();
        assertThat(store.rows).isEmpty();
        assertThat(policy.pending("a")).isNull();
        assertThat(store.calls).containsExactly("write {a=1}", "clear");
    }

    @Test
    void aPutAfterAClearStays() {
        put("a", "1");
        policy.clear().close();
        put("a", "2");
        quiesce();
        assertThat(store.rows).isEqualTo(Map.of("a", "2"));
    }

    @Test
    void aFailedClearReachesTheCallerAndLosesNothing() {
        put("a", "1");
        store.refuseEverything();
        assertThatThrownBy(policy::clear).hasMessage("refused");
        store.refuseNothing();
        ticker.advance(Duration.ofSeconds(10));
        quiesce();
        assertThat(store.rows).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void loadsFromTheStore() {
        store.rows.put("a", "1");
        assertThat(policy.load("a")).isEqualTo("1");
        assertThat(policy.load("b")).isNull();
        assertThat(policy.loadAll(List.of("a", "b"))).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void aFailedLoadIsCounted() {
        store.refuseEverything();
        assertThatThrownBy(() -> policy.load("a")).hasMessage("refused");
        assertThat(policy.loadAll(List.of("a", "b"))).isEmpty();
        assertThat(policy.statistics().loadFailures()).isEqualTo(3);
    }

    @Test
    void neitherOfTwoOverlappingPutsMayPublish() {
        StoreWriter.Write first = policy.put("a", "1");
        StoreWriter.Write second = policy.put("a", "2");
        assertThat(first.mayPublish()).isFalse();
        assertThat(second.mayPublish()).isFalse();
        first.close();
        assertThat(second.mayPublish()).isFalse();
        second.close();
        assertThat(policy.put("b", "1").mayPublish()).isEqualTo(publishes());
    }

    @Test
    void aPutThatAnEvictOrAClearOverlapsMayNotPublish() {
        try (StoreWriter.Write put = policy.put("a", "1")) {
            policy.evict("a").close();
            assertThat(put.mayPublish()).isFalse();
        }
        try (StoreWriter.Write put = policy.put("a", "1")) {
            policy.clear().close();
            assertThat(put.mayPublish()).isFalse();
        }
        try (StoreWriter.Write clear = policy.clear();
                StoreWriter.Write put = policy.put("a", "1")) {
            assertThat(clear.mayPublish()).isFalse();
            assertThat(put.mayPublish()).isFalse();
        }
        try (StoreWriter.Write put = policy.put("a", "1")) {
            assertThat(put.mayPublish()).isEqualTo(publishes());
        }
    }

    boolean publishes() {
        return true;
    }
}
