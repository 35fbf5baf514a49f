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
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.util.ClassUtils;

/** Guesses which property was meant by the name of one that does not exist. */
final class UnknownCacheProperty {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(TinyLlmCacheProperties.PREFIX);

    private static final String DEFAULTS = "defaults";

    /** Words of other caches for settings of this one. */
    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("ttl", "time-to-live"),
            Map.entry("expiry", "time-to-live"),
            Map.entry("expire", "time-to-live"),
            Map.entry("expiration", "time-to-live"),
            Map.entry("expire-after-write", "time-to-live"),
            Map.entry("size", "maximum-size"),
            Map.entry("max-entries", "maximum-size"),
            Map.entry("capacity", "maximum-size"),
            Map.entry("limit", "maximum-size"),
            Map.entry("sync", "single-flight"),
            Map.entry("refresh", "refresh-ahead"),
            Map.entry("refresh-after-write", "refresh-ahead"),
            Map.entry("cache-null-values", "cache-null"),
            Map.entry("prefix", "key-prefix"),
            Map.entry("compress", "compress-above"),
            Map.entry("trusted-packages", "allowed-types"),
            Map.entry("dir", "directory"));

    private UnknownCacheProperty() {}

    /** Returns what to write instead, in a sentence or two. */
    static String advice(ConfigurationPropertyName name) {
        Class<?> type = TinyLlmCacheProperties.class;
        ConfigurationPropertyName parent = PREFIX;
        boolean ofOneCache = false;
        for (int i = PREFIX.getNumberOfElements(); i < name.getNumberOfElements(); i++) {
            String element = element(name, i);
            if (type == Map.class) {
                type = CacheSettings.class;
                ofOneCache = true;
            } else {
                Set<String> known = names(type);
                if (!known.contains(element)) {
                    return instead(name, i, parent, type, ofOneCache) + "allowed below '" + parent + "' are: "
                            + String.join(", ", known) + ".";
                }
                ofOneCache |= element.equals(DEFAULTS);
                type = type(type, element);
            }
            parent = name.chop(i + 1);
        }
        return "Remove '" + name + "'.";
    }

    private static String instead(
            ConfigurationPropertyName name,
            int index,
            ConfigurationPropertyName parent,
            Class<?> type,
            boolean ofOneCache) {
        String element = element(name, index);
        Guess here = closest(element, names(type));
        Guess below = below(element, type);
        if (!ofOneCache) {
            Guess inDefaults = inDefaults(name);
            if (inDefaults.cost < here.cost) {
                String path = inDefaults.name;
                return "Instead of '" + name + "' write '" + PREFIX + "." + DEFAULTS + "." + path
                        + "', for all caches, or '" + PREFIX + ".caches.<name>." + path + "', for one; ";
            }
        }
        Guess best = below.cost < here.cost ? below : here;
        return best.cost <= tolerance(element)
                ? "Instead of '" + element + "' write '" + best.name + "'; "
                : "There is no '" + element + "' below '" + parent + "'; ";
    }

    /** The same path as a setting of all caches, each element the closest one. */
    private static Guess inDefaults(ConfigurationPropertyName name) {
        Class<?> type = CacheSettings.class;
        List<String> path = new ArrayList<>();
        int cost = 0;
        for (int i = PREFIX.getNumberOfElements(); i < name.getNumberOfElements(); i++) {
            Guess guess = closest(element(name, i), names(type));
            if (guess.cost > tolerance(element(name, i))) {
                return Guess.NONE;
            }
            cost += guess.cost;
            path.add(guess.name);
            type = type(type, guess.name);
        }
        return new Guess(String.join(".", path), cost);
    }

    /** A setting of that name in one of the groups. */
    private static Guess below(String element, Class<?> type) {
        Guess best = Guess.NONE;
        for (String group : names(type)) {
            Guess guess = closest(element, names(type(type, group)));
            if (guess.cost == 0 && best == Guess.NONE) {
                best = new Guess(group + "." + guess.name, 0);
            }
        }
        return best;
    }

    private static Guess closest(String word, Set<String> candidates) {
        return candidates.stream()
                .map(candidate -> new Guess(candidate, cost(word, candidate)))
                .min(Comparator.comparingInt(Guess::cost))
                .orElse(Guess.NONE);
    }

    private static int cost(String word, String candidate) {
        if (candidate.equals(SYNONYMS.get(word))) {
            return 0;
        }
        String whole = word.replaceFirst("^max-", "maximum-").replaceFirst("^min-", "minimum-");
        return distance(whole, candidate);
    }

    /** How far from a name a word may be, to be taken for it. */
    private static int tolerance(String word) {
        return Math.max(1, word.length() / 2);
    }

    private static String element(ConfigurationPropertyName name, int index) {
        return name.getElement(index, ConfigurationPropertyName.Form.DASHED);
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

    private static List<PropertyDescriptor> properties(@Nullable Class<?> type) {
        if (type == null
                || ClassUtils.isPrimitiveOrWrapper(type)
                || type.isEnum()
                || type.getName().startsWith("java.")) {
            return List.of();
        }
        List<PropertyDescriptor> properties = new ArrayList<>(List.of(BeanUtils.getPropertyDescriptors(type)));
        properties.removeIf(property -> property.getName().equals("class"));
        return properties;
    }

    private static String dashed(String camelCase) {
        return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
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

    /**
     * A name that may have been meant.
     * @param name the name
     * @param cost how far it is from what was written
     */
    private record Guess(String name, int cost) {

        static final Guess NONE = new Guess("", Integer.MAX_VALUE);
    }
}
