package io.tinyllm.cache.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class StoreFirstPolicyTests {

    abstract static class StoreFirst extends WritePolicyContract {

        @Override
        void quiesce() {}

        @Test
        void theStoreHasItWhenPutReturns() {
            put("a", "1");
            assertThat(store.calls).containsExactly("write {a=1}");
            assertThat(policy.pending("a")).isNull();
        }

        @Test
        void whatTheStoreThrowsReachesTheCaller() {
            store.refuseEverything();
            assertThatThrownBy(() -> policy.put("a", "1")).hasMessage("refused");
            assertThatThrownBy(() -> policy.evict("a")).hasMessage("refused");
            assertThat(policy.statistics().failed()).isEqualTo(2);
        }

        @Test
        void aFailedPutDoesNotKeepLaterOnesFromPublishing() {
            store.refuseEverything();
            assertThatThrownBy(() -> policy.put("a", "1")).hasMessage("refused");
            store.refuseNothing();
            assertThat(policy.put("a", "2").mayPublish()).isEqualTo(publishes());
        }
    }

    @Nested
    class WriteThrough extends StoreFirst {
        @Override
        StoreWriter policy() {
            return WritePolicies.writeThrough(store);
        }
    }

    @Nested
    class WriteAround extends StoreFirst {
        @Override
        StoreWriter policy() {
            return WritePolicies.writeAround(store);
        }

        @Override
        boolean publishes() {
            return false;
        }
    }
}
