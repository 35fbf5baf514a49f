package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.settings.InvalidCacheSettingException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains a setting that makes no sense. */
final class InvalidCacheSettingFailureAnalyzer extends AbstractFailureAnalyzer<InvalidCacheSettingException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidCacheSettingException cause) {
        String description = "Property '" + cause.getProperty() + "' has an invalid value:\n\n    Value: "
                + cause.getSetting() + "\n    Allowed: " + cause.getAllowed();
        return new FailureAnalysis(description, cause.getAction(), cause);
    }
}
