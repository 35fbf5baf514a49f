package io.tinyllm.cache.metrics.ledger;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.LedgerFigures;
import io.tinyllm.cache.llm.ledger.LedgerRow;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The meters of what answers of language models have cost and saved, for each model of each cache. */
public final class LedgerMeters implements MeterBinder {

    private final AnswerLedgers ledgers;

    /**
     * Creates the meters, unregistered.
     * @param ledgers the ledgers
     */
    public LedgerMeters(AnswerLedgers ledgers) {
        this.ledgers = ledgers;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        ledgers.forEachModel((cache, row) -> {
            bind(registry, cache, row, "spent", LedgerRow::spent);
            bind(registry, cache, row, "saved", LedgerRow::saved);
            bind(registry, cache, row, "background", LedgerRow::background);
        });
    }

    private static void bind(
            MeterRegistry registry,
            String cache,
            LedgerRow row,
            String kind,
            Function<LedgerRow, LedgerFigures> figures) {
        Tags tags = Tags.of("cache", cache, "model", row.model(), "kind", kind);
        tokens(registry, row, tags, "input", kept -> figures.apply(kept).inputTokens());
        tokens(registry, row, tags, "cached-input", kept -> figures.apply(kept).cachedInputTokens());
        tokens(registry, row, tags, "output", kept -> figures.apply(kept).outputTokens());
        FunctionCounter.builder(
                        "tinyllm.cache.llm.cost",
                        row,
                        kept -> figures.apply(kept).cost().doubleValue())
                .tags(tags)
                .description("Money that answers of language models have cost or saved")
                .register(registry);
        FunctionCounter.builder(
                        "tinyllm.cache.llm.seconds",
                        row,
                        kept -> figures.apply(kept).seconds())
                .tags(tags)
                .description("Time that answers of language models have taken or saved")
                .register(registry);
    }

    private static void tokens(
            MeterRegistry registry, LedgerRow row, Tags tags, String direction, ToDoubleFunction<LedgerRow> count) {
        FunctionCounter.builder("tinyllm.cache.llm.tokens", row, count)
                .tags(tags.and("direction", direction))
                .description("Tokens of answers of language models; those of input have the cached ones among them")
                .register(registry);
    }
}
