package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.settings.SettingsGroup;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.BeanUtils;
import tools.jackson.databind.JsonNode;

/** What an editor knows of the properties. */
class ConfigurationMetadataTests {

    private final Map<String, JsonNode> properties = ConfigurationMetadata.ours();

    @Test
    void everyPropertyIsDescribedInASentence() {
        assertThat(properties).isNotEmpty();
        properties.forEach((name, property) -> {
            JsonNode description = property.get("description");
            assertThat(description).as(name).isNotNull();
            assertThat(description.asString()).as(name).isNotBlank().endsWith(".");
        });
    }

    /** Collections are empty by default, which the generated file cannot express. */
    @Test
    void everyPropertyHasADefaultOrSaysWhatItsAbsenceMeans() {
        properties.forEach((name, property) -> {
            if (!property.get("type").asString().startsWith("java.util.")
                    && !property.get("description").asString().matches(".*(Empty|By default).*")) {
                assertThat(property.get("defaultValue")).as(name).isNotNull();
            }
        });
    }

    @Test
    void everySettingOfACacheIsListedBelowTheDefaults() {
        List<String> settings = new ArrayList<>();
        collect("tinyllm.cache.defaults", CacheSettings.class, settings);
        assertThat(settings).hasSizeGreaterThanOrEqualTo(5).contains("tinyllm.cache.defaults.memory.maximum-size");
        assertThat(properties.keySet()).containsAll(settings);
    }

    @Test
    void theRestIsListedToo() {
        assertThat(properties).containsKeys("tinyllm.cache.enabled", "tinyllm.cache.caches");
    }

    private static void collect(String path, Class<?> type, List<String> names) {
        for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(type)) {
            String name = path + "."
                    + property.getName()
                            .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
                            .toLowerCase(Locale.ROOT);
            if (property.getWriteMethod() != null) {
                names.add(name);
            } else if (SettingsGroup.class.isAssignableFrom(property.getPropertyType())) {
                collect(name, property.getPropertyType(), names);
            }
        }
    }
}
