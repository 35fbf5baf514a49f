package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.bypass.NamedBypassRule;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;

/** Rules of the application's with the names of their beans, so that a reader is told which of them decided. */
final class NamedRules {

    private NamedRules() {}

    /** Returns the rules in their order, each with its name. */
    static List<BypassRule> of(ObjectProvider<BypassRule> rules, ListableBeanFactory beans) {
        List<BypassRule> ordered = rules.orderedStream().toList();
        if (ordered.isEmpty()) {
            return ordered;
        }
        Map<String, BypassRule> names = beans.getBeansOfType(BypassRule.class);
        return ordered.stream().map(rule -> named(rule, names)).toList();
    }

    private static BypassRule named(BypassRule rule, Map<String, BypassRule> names) {
        for (Map.Entry<String, BypassRule> bean : names.entrySet()) {
            if (bean.getValue() == rule) {
                return new NamedBypassRule(bean.getKey(), rule);
            }
        }
        return rule;
    }
}
