package io.tinyllm.cache.assembly;

import io.tinyllm.cache.bypass.BypassRules;
import io.tinyllm.cache.codec.ValueSizer;

/** Measures values as they would be stored. Text needs nothing; anything else needs Jackson. */
final class ValueMeasure {

    private ValueMeasure() {}

    static BypassRules.Measure create() {
        ValueSizer sizer = new ValueSizer();
        return (value, limit) -> sizer.sizeOf(value, limit) > limit;
    }
}
