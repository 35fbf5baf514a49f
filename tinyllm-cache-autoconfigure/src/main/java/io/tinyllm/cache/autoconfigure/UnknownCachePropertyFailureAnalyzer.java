package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheSettings;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.util.ClassUtils;

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
            action.append(advice(property.getName())).append('\n');
        }
        return new FailureAnalysis(description.toString(), action.toString().strip(), cause);
    }

    private static String advice(ConfigurationPropertyName name) {
        Class<?> type = TinyLlmCacheProperties.class;
        ConfigurationPropertyName parent = PREFIX;
        for (int i = PREFIX.getNumberOfElements(); i < name.getNumberOfElements(); i++) {
            String element = name.getElement(i, ConfigurationPropertyName.Form.DASHED);
            if (type == Map.class) {
                type = CacheSettings.class;
            } else {
                Set<String> known = names(type);
                if (!known.contains(element)) {
                    return "Instead of '" + element + "' write '" + closest(element, known) + "'; allowed below '"
                            + parent + "' are: " + String.join(", ", known) + ".";
                }
                type = type(type, element);
            }
            parent = name.chop(i + 1);
        }
        return "Remove '" + name + "'.";
    }

    private static Set<String> names(Class<?> type) {
        return properties(type).stream()
                .map(property -> dashed(property.getName()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Class<?> type(Class<?> owner, String name) {
        return properties(owner).stream()
                .filter(property -> dashed(property.getName()).equals(name))
                .<Class<?>>map(PropertyDescriptor::getPropertyType)
                .findFirst()
                .orElse(Object.class);
    }

    private static List<PropertyDescriptor> properties(Class<?> type) {
        if (ClassUtils.isPrimitiveOrWrapper(type) || type.getName().startsWith("java.")) {
            return List.of();
        }
        List<PropertyDescriptor> properties = new ArrayList<>(List.of(BeanUtils.getPropertyDescriptors(type)));
        properties.removeIf(property -> property.getName().equals("class"));
        return properties;
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private static String closest(String word, Set<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .orElse("");
    }

    /** The edit distance of Levenshtein. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
