package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.autoconfigure.LlmProperties.ModelPrice;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Currency;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

/** Checks the settings of caches for language models that are about money. Stateless. */
final class LlmSettingsCheck {

    private static final String PREFIX = TinyLlmCacheLlmAutoConfiguration.PREFIX;

    private static final Pattern BUDGET = Pattern.compile("\\s*([0-9]{1,12}(?:\\.[0-9]{1,12})?)\\s*/\\s*(\\S+)\\s*");

    /** More is no price of a million tokens, in any currency. */
    private static final BigDecimal HIGHEST = BigDecimal.valueOf(1_000_000_000);

    private LlmSettingsCheck() {}

    /** @throws InvalidCacheSettingException for a currency, a price or a budget that makes no sense */
    static void check(LlmProperties llm) {
        checkCurrency(llm.getCurrency());
        llm.getPrices().forEach(LlmSettingsCheck::checkPrice);
        budget(llm.getBackgroundBudget());
    }

    private static void checkCurrency(String currency) {
        if (new LlmProperties().getCurrency().equals(currency)) {
            // The default is one, and need not be looked up in the JDK's table at every start.
            return;
        }
        try {
            Currency.getInstance(currency);
        } catch (IllegalArgumentException e) {
            throw new InvalidCacheSettingException(
                    PREFIX + ".currency", currency, "a code of ISO 4217", "Use a code such as USD or EUR.");
        }
    }

    private static void checkPrice(String pattern, ModelPrice price) {
        String path = PREFIX + ".prices[" + pattern + "].";
        checkPrice(path + "input", price.getInput());
        checkPrice(path + "output", price.getOutput());
        checkPrice(path + "cached-input", price.getCachedInput());
        checkPrice(path + "cache-write", price.getCacheWrite());
    }

    private static void checkPrice(String property, @Nullable BigDecimal price) {
        if (price != null && (price.signum() < 0 || price.compareTo(HIGHEST) > 0)) {
            throw new InvalidCacheSettingException(
                    property,
                    price.toPlainString(),
                    "a number from 0 to " + HIGHEST.toPlainString(),
                    "Use the price of a million tokens, such as 2.50.");
        }
    }

    /**
     * Reads a budget.
     * @return null where there is none
     * @throws InvalidCacheSettingException if it is not an amount and a time
     */
    static @Nullable Budget budget(@Nullable String setting) {
        if (setting == null || setting.isBlank()) {
            return null;
        }
        Matcher matcher = BUDGET.matcher(setting);
        if (matcher.matches()) {
            try {
                Duration period = DurationStyle.detectAndParse(matcher.group(2));
                if (!period.isNegative() && !period.isZero()) {
                    return new Budget(new BigDecimal(matcher.group(1)), period);
                }
            } catch (IllegalArgumentException | ArithmeticException refusedBelow) {
                // as any other text
            }
        }
        throw new InvalidCacheSettingException(
                PREFIX + ".background-budget",
                setting,
                "an amount of money from 0 up and a positive duration, with a slash between them",
                "Use a value such as 2.00/1d.");
    }

    /**
     * Money for a time.
     * @param amount the money
     * @param period the time
     */
    record Budget(BigDecimal amount, Duration period) {}
}
