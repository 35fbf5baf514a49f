package io.tinyllm.cache.autoconfigure;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;

/** Explains a misspelt property, and says which name was probably meant. */
final class UnknownCachePropertyFailureAnalyzer extends AbstractFailureAnalyzer<UnboundConfigurationPropertiesException>
        implements Ordered {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(TinyLlmCacheProperties.PREFIX);

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnboundConfigurationPropertiesException cause) {
        List<ConfigurationProperty> unknown = cause.getUnboundProperties().stream()
                .filter(property -> PREFIX.isAncestorOf(property.getName()))
                .sorted(Comparator.comparing(ConfigurationProperty::getName))
                .toList();
        if (unknown.isEmpty()) {
            return null;
        }
        StringBuilder description = new StringBuilder("The cache stack knows no such property:\n");
        StringBuilder action = new StringBuilder();
        for (ConfigurationProperty property : unknown) {
            description
                    .append("\n    Property: ")
                    .append(property.getName())
                    .append("\n    Value: ")
                    .append(property.getValue())
                    .append("\n    Origin: ")
                    .append(property.getOrigin())
                    .append('\n');
            action.append(UnknownCacheProperty.advice(property.getName())).append('\n');
        }
        return new FailureAnalysis(description.toString(), action.toString().strip(), cause);
    }
}
