package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tinyllm.cache.settings.InvalidCacheSettingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class HeapShareTests {

    private static final String PROPERTY = "tinyllm.cache.write.maximum-dirty-size";

    @ParameterizedTest
    @CsvSource({"10%,100", "100%,1000", "0.5%,5", "' 12.5% ',125", "64MB,67108864", "300,300", "1KB,1024"})
    void isASizeOrAShareOfTheHeap(String setting, long bytes) {
        assertThat(HeapShare.bytes(PROPERTY, setting, 1000)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "%", "0", "0%", "-1MB", "-5%", "101%", "NaN%", "Infinity%", "ten", "10 %x", "0.01%"})
    void whatIsNeitherIsRefusedByTheNameOfTheProperty(String setting) {
        assertThatThrownBy(() -> HeapShare.bytes(PROPERTY, setting, 1000))
                .isInstanceOf(InvalidCacheSettingException.class)
                .hasMessageContaining(PROPERTY)
                .hasMessageContaining("64MB or 10%");
    }

    @Test
    void stopsTheStart() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class))
                .withPropertyValues(PROPERTY + "=150%")
                .run(context -> assertThat(context.getStartupFailure()).hasStackTraceContaining(PROPERTY));
    }
}
