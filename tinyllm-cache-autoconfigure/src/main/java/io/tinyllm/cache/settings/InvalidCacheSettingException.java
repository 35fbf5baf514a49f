package io.tinyllm.cache.settings;

import org.jspecify.annotations.Nullable;

/** Thrown for a setting that makes no sense: names the property, its value, what is allowed, and what to do. */
public final class InvalidCacheSettingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String property;
    private final String setting;
    private final String allowed;
    private final String action;

    /**
     * Creates the exception.
     * @param property the full name of the property
     * @param setting its value, may be null
     * @param allowed what is allowed, as the end of a sentence that begins with "allowed is"
     * @param action what to do about it, a sentence
     */
    public InvalidCacheSettingException(String property, @Nullable Object setting, String allowed, String action) {
        super("Property '" + property + "' is '" + setting + "'; allowed is " + allowed + ". " + action);
        this.property = property;
        this.setting = String.valueOf(setting);
        this.allowed = allowed;
        this.action = action;
    }

    /** The full name of the property. */
    public String getProperty() {
        return property;
    }

    /** The value as text. */
    public String getSetting() {
        return setting;
    }

    /** The allowed values, in words. */
    public String getAllowed() {
        return allowed;
    }

    /** The advice what to write instead. */
    public String getAction() {
        return action;
    }
}
