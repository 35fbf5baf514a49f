package io.tinyllm.cache.settings;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Settings of the bypass rules. */
public final class BypassSettings extends SettingsGroup {

    /**
     * Patterns of keys that stay away from the cache. An asterisk stands for any characters, a question mark for one.
     */
    private List<String> keyPatterns = new ArrayList<>();

    /**
     * Largest value that is stored, by its size as JSON, or in UTF-8 for text. Empty for no limit.
     */
    private @Nullable DataSize maximumValueSize;

    /** Creates settings with their defaults. */
    public BypassSettings() {}

    /** The patterns of keys that stay away from the cache. */
    public List<String> getKeyPatterns() {
        return keyPatterns;
    }

    /** Sets the patterns of keys that stay away from the cache, with {@code *} and {@code ?} as wildcards. */
    public void setKeyPatterns(List<String> keyPatterns) {
        checkMutable();
        this.keyPatterns = keyPatterns;
    }

    /** The largest value that is stored, null for no limit. */
    public @Nullable DataSize getMaximumValueSize() {
        return maximumValueSize;
    }

    /** Sets the largest value that is stored, null for no limit. */
    public void setMaximumValueSize(@Nullable DataSize maximumValueSize) {
        checkMutable();
        this.maximumValueSize = maximumValueSize;
    }

    @Override
    public void freeze() {
        super.freeze();
        keyPatterns = List.copyOf(keyPatterns);
    }

    @Override
    public void validate(String path) {
        if (maximumValueSize != null) {
            checkRange(path, "maximum-value-size", maximumValueSize.toBytes(), 0, Long.MAX_VALUE);
        }
        for (String pattern : keyPatterns) {
            if (pattern.isEmpty()) {
                throw new InvalidCacheSettingException(
                        path + ".key-patterns",
                        keyPatterns,
                        "a list of patterns that are not empty",
                        "Remove the empty one.");
            }
        }
    }
}
