package io.tinyllm.cache.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request may ask of the cache. */
class CacheControlTests {

    @Test
    void directivesAddUp() {
        assertThat(CacheControl.parse(null)).isEqualTo(CacheControl.NONE);
        assertThat(CacheControl.parse(" , ")).isEqualTo(CacheControl.NONE);
        assertThat(CacheControl.parse("No-Cache, no-store ,max-age=10, ttl = 0,ONLY-IF-CACHED"))
                .isEqualTo(new CacheControl(true, true, true, 10L, 0L));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nocache",
                "no-cache=1",
                "max-age",
                "max-age=",
                "max-age=-1",
                "max-age=1s",
                "ttl=\"5\"",
                "ttl=99999999999",
                "no-cache; no-store",
                "private"
            })
    void whatIsUnknownIsRefusedWithWhatIsAllowed(String directives) {
        assertThatThrownBy(() -> CacheControl.parse(directives))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no-cache, no-store, max-age=SECONDS, ttl=SECONDS and only-if-cached");
        assertThatThrownBy(() -> CacheControl.parse(5)).isInstanceOf(IllegalArgumentException.class);
    }
}
