package io.tinyllm.cache.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TierOptionsTests {

    @Test
    void anAbsurdlyLongWindowIsAThousandYears() {
        assertThat(kept(Duration.ofSeconds(Long.MAX_VALUE)).keptMillis(1)).isEqualTo(1 + 365_000L * 86_400_000);
        assertThat(kept(Duration.ofSeconds(Long.MAX_VALUE)).keptMillis(Long.MAX_VALUE / 1_000_000))
                .isPositive();
    }

    @Test
    void anEntryIsKeptForItsWindowAndForEverIfItNeverExpires() {
        assertThat(kept(Duration.ofMillis(5)).keptMillis(10)).isEqualTo(15);
        assertThat(kept(Duration.ofMillis(5)).keptMillis(0)).isZero();
    }

    private static TierOptions kept(Duration kept) {
        return new TierOptions(Duration.ofMillis(100), kept, Outcome.REMOTE_HIT, 10);
    }
}
