package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.tuning.budget.BudgetTuning;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.util.unit.DataSize;

/** The budget of memory as the properties say it. */
final class MemoryBudgets {

    private static final String PATH = TinyLlmCacheProperties.PREFIX + ".memory.budget.";

    private MemoryBudgets() {}

    /**
     * Creates the budget.
     * @param properties its settings
     * @param heap the most bytes that the heap may take
     * @throws InvalidCacheSettingException if the total is none, or a cache that is listed has no name
     */
    static BudgetTuning of(MemoryProperties.Budget properties, long heap) {
        String setting =
                properties.getTotal() == null ? "" : properties.getTotal().trim();
        if (setting.isEmpty()) {
            return BudgetTuning.none();
        }
        for (String name : properties.getCaches()) {
            if (name.isBlank()) {
                throw new InvalidCacheSettingException(
                        PATH + "caches", properties.getCaches(), "names of caches", "Remove the empty name.");
            }
        }
        return new BudgetTuning(
                total(setting, heap),
                properties.getMode(),
                new LinkedHashSet<>(properties.getCaches()),
                Clock.systemUTC());
    }

    /**
     * Checks that the caches that are listed can exist.
     * @param properties the settings of the budget
     * @param names the names that caches may have, empty where they may have any
     * @throws InvalidCacheSettingException if one cannot
     */
    static void check(MemoryProperties.Budget properties, List<String> names) {
        Set<String> unknown = new TreeSet<>(properties.getCaches());
        names.forEach(unknown::remove);
        if (!names.isEmpty() && !unknown.isEmpty()) {
            throw new InvalidCacheSettingException(
                    PATH + "caches",
                    String.join(", ", unknown),
                    "names of spring.cache.cache-names, here " + new TreeSet<>(names),
                    "Correct the name, or add it to spring.cache.cache-names.");
        }
    }

    private static BudgetTuning.Total total(String setting, long heap) {
        try {
            if (setting.chars().allMatch(Character::isDigit)) {
                return positive(Long.parseLong(setting), false, setting);
            }
            if (setting.endsWith("%")) {
                double share = Double.parseDouble(setting.substring(0, setting.length() - 1));
                if (share <= 100) {
                    return positive((long) (heap * share / 100), true, setting);
                }
            } else if (!setting.matches("[+-]?\\d+")) {
                return positive(DataSize.parse(setting).toBytes(), true, setting);
            }
        } catch (IllegalArgumentException refusedBelow) {
            // as any other value out of range
        }
        throw new InvalidCacheSettingException(
                PATH + "total",
                setting,
                "a positive size, a share of the heap of at most 100%, or a number of entries from 1 up",
                "Use a value such as 256MB, 10% or 50000.");
    }

    private static BudgetTuning.Total positive(long amount, boolean bytes, String setting) {
        if (amount < 1) {
            throw new IllegalArgumentException();
        }
        return new BudgetTuning.Total(amount, bytes, setting);
    }
}
