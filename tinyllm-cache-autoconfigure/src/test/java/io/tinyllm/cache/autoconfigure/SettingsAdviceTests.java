package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheSettings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Settings that are valid one by one and have no effect together are named with a remedy. */
class SettingsAdviceTests {

    private final SettingsAdvice advice = new SettingsAdvice(name -> true);
    private final CacheSettings settings = new CacheSettings();

    @Test
    void aWaitForNoRefreshIsNamedWithItsRemedy() {
        settings.setStaleWhileRevalidateWait(Duration.ofMillis(100));
        assertThat(advice.of("cache", settings))
                .singleElement()
                .asString()
                .startsWith("stale-while-revalidate-wait has no effect")
                .contains("set that");
        settings.setStaleWhileRevalidate(Duration.ofSeconds(30));
        assertThat(advice.of("cache", settings)).isEmpty();
    }

    @Test
    void whatRedisDoesNotServeStaleIsSaidUnlessSnapshotsDo() {
        CacheSettings settings = new CacheSettings();
        settings.getRedis().setEnabled(true);
        settings.setStaleIfError(Duration.ofHours(6));
        assertThat(advice.of("cache", settings))
                .singleElement()
                .asString()
                .startsWith("expired entries are served from memory only, not from Redis")
                .contains("set snapshot.enabled to true");
        settings.getSnapshot().setEnabled(true);
        assertThat(advice.of("cache", settings)).isEmpty();
    }
}
