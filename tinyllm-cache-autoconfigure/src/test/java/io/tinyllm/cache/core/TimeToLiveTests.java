package io.tinyllm.cache.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.TimeToLive;
import io.tinyllm.cache.core.port.CacheEntry;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.memory.CaffeineMemoryTier;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TimeToLiveTests {

    private final FakeTicker ticker = new FakeTicker();
    private final AtomicInteger errors = new AtomicInteger();

    private TieredCache cache(TimeToLive... rules) {
        TtlPolicy configured = TtlPolicy.fixed(Duration.ofMinutes(1));
        return TieredCache.named("books")
                .ticker(ticker)
                .memory(new CaffeineMemoryTier(100, ticker, Runnable::run))
                .ttl(TtlPolicy.ruled(configured, "books", List.of(rules), errors::incrementAndGet))
                .build();
    }

    private static @Nullable Object value(TieredCache cache, Object key) {
        CacheEntry entry = cache.get(key);
        return entry == null ? null : entry.value();
    }

    @Test
    void anEntryLivesForAsLongAsTheFirstRuleThatAnswersSays() {
        TieredCache cache = cache(
                (name, key, value) -> key.equals("long") ? Duration.ofHours(1) : null,
                (name, key, value) -> key.equals("short") || key.equals("long") ? Duration.ofSeconds(1) : null);
        cache.put("long", name(cache));
        cache.get("short", () -> 1);
        cache.put("other", 1);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(value(cache, "short")).isNull();
        assertThat(value(cache, "other")).isEqualTo(1);
        ticker.advance(Duration.ofMinutes(59));
        assertThat(value(cache, "other")).isNull();
        assertThat(value(cache, "long")).isEqualTo("books");
        ticker.advance(Duration.ofMinutes(1));
        assertThat(value(cache, "long")).isNull();
    }

    private static String name(TieredCache cache) {
        return cache.name();
    }

    @Test
    void zeroAndLessKeepNothingAndDropWhatWasThere() {
        TieredCache cache = cache((name, key, value) ->
                "kept".equals(value) ? null : key.equals("zero") ? Duration.ZERO : Duration.ofSeconds(Long.MIN_VALUE));
        for (String key : List.of("zero", "less")) {
            assertThat(cache.get(key, () -> "loaded")).isEqualTo("loaded");
            assertThat(value(cache, key)).isNull();
            cache.put(key, "kept");
            assertThat(value(cache, key)).isEqualTo("kept");
            cache.put(key, "dropped");
            assertThat(value(cache, key)).isNull();
            assertThat(cache.putIfAbsent(key, "dropped")).isNull();
            assertThat(value(cache, key)).isNull();
            try (Restoration restoration = cache.beginRestoration()) {
                assertThat(restoration.restore(key, "saved", CacheEntry.NEVER)).isFalse();
            }
        }
        assertThat(cache.loadsInProgress()).isZero();
    }

    @Test
    void aRuleThatThrowsIsCountedAndTheNextIsAsked() {
        TieredCache cache = cache(
                (name, key, value) -> {
                    throw new IllegalStateException("broken");
                },
                (name, key, value) -> Duration.ofHours(1));
        cache.put("key", 1);
        ticker.advance(Duration.ofMinutes(59));
        assertThat(value(cache, "key")).isEqualTo(1);
        assertThat(errors).hasValue(1);
    }

    @Test
    void jitterLeavesAloneWhatIsNotToBeKept() {
        TtlPolicy policy = TtlPolicy.jittered((key, value) -> 0, 0.5, () -> 0.5);
        assertThat(policy.ttlNanos("key", "value")).isZero();
    }
}
