package io.tinyllm.cache.llm.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.llm.Fingerprint.Field;
import io.tinyllm.cache.llm.StoredAnswer.Tokens;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prices, digests and the budget by themselves. */
class LedgerUnitsTests {

    private static Price price(String input, String output, String cached, String written, boolean included) {
        return Price.perMillion(
                new BigDecimal(input),
                new BigDecimal(output),
                new BigDecimal(cached),
                new BigDecimal(written),
                included);
    }

    @Test
    void theTokensOfBothKindsOfProviderAreCountedOnce() {
        Tokens included = new Tokens(1000, 50, 1050, 800L, null);
        Tokens beside = new Tokens(200, 50, 250, 800L, 0L);
        for (boolean within : List.of(true, false)) {
            Consumption consumed = Consumption.of(within ? included : beside, within);
            assertThat(consumed.inputTokens()).isEqualTo(1000);
            assertThat(consumed.cachedInputTokens()).isEqualTo(800);
            // 200 x 3 + 800 x 0.3 + 50 x 15, for a million each, in 10^-12
            assertThat(price("3", "15", "0.3", "3.75", within).of(consumed)).isEqualTo(new BigInteger("1590000000"));
        }
        Consumption written = Consumption.of(new Tokens(10, 0, 10, 0L, 90L), false);
        assertThat(written.inputTokens()).isEqualTo(100);
        assertThat(price("3", "15", "0.3", "3.75", false).of(written)).isEqualTo(new BigInteger("367500000"));
    }

    @Test
    void sumsAreExactHoweverLarge() {
        AnswerLedgers ledgers = new AnswerLedgers(
                "USD",
                new PriceList(Map.of("*", price("1000000", "0.000001", "0", "0", true))),
                BackgroundBudget.unlimited(),
                () -> 0);
        AnswerLedger ledger = ledgers.of("answers");
        for (int i = 0; i < 1000; i++) {
            ledger.spent("m", new Tokens(Integer.MAX_VALUE, 1, 0, null, null), 1, false);
        }
        assertThat(ledger.report().spent().cost()).isEqualTo(new BigDecimal("2147483647000.000000001"));
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o, exact",
        "gpt-4o-mini, mini",
        "gpt-4o-2024-08-06, gpt-4o*",
        "gpt-5, gpt*",
        "o1-gpt, any",
        "claude-sonnet-4-5, sonnet"
    })
    void theLongestPatternThatFitsCounts(String model, String expected) {
        Map<String, Price> named = Map.of(
                "exact", price("1", "0", "0", "0", true),
                "mini", price("2", "0", "0", "0", true),
                "gpt-4o*", price("3", "0", "0", "0", true),
                "gpt*", price("4", "0", "0", "0", true),
                "any", price("5", "0", "0", "0", true),
                "sonnet", price("6", "0", "0", "0", true));
        PriceList prices = new PriceList(Map.of(
                "gpt-4o", named.get("exact"),
                "gpt-4o-m*i", named.get("mini"),
                "gpt-4o*", named.get("gpt-4o*"),
                "gpt*", named.get("gpt*"),
                "*", named.get("any"),
                "claude-*sonnet*", named.get("sonnet")));
        assertThat(prices.of(model)).isSameAs(named.get(expected));
        assertThat(new PriceList(Map.of("a*a", named.get("any"))).of("a")).isNull();
    }

    @Test
    void aBudgetBeginsAnewWithTheFirstCostAfterItsTime() {
        AtomicLong now = new AtomicLong();
        BackgroundBudget budget = BackgroundBudget.of(new BigDecimal("0.5"), TimeUnit.DAYS.toNanos(1), now::get);
        BigInteger third = BigInteger.TEN.pow(Price.SCALE).divide(BigInteger.valueOf(3));
        assertThat(budget.allows()).isTrue();
        budget.add(third);
        assertThat(budget.allows()).isTrue();
        budget.add(third);
        assertThat(budget.allows()).isFalse();
        now.addAndGet(TimeUnit.DAYS.toNanos(1) - 1);
        assertThat(budget.allows()).isFalse();
        now.incrementAndGet();
        assertThat(budget.allows()).isTrue();
        budget.add(third);
        assertThat(budget.allows()).isTrue();
    }

    @Test
    void aTextPrintSaysHowFarTextsAreEqualAndNothingMore() {
        String text = "x".repeat(4000);
        for (int at : List.of(0, 7, 8, 130, 3999)) {
            String other = text.substring(0, at) + "y" + text.substring(at + 1);
            int equal = TextPrint.of(text).equalCharacters(TextPrint.of(other));
            assertThat(equal).isLessThanOrEqualTo(at);
            assertThat(equal).isGreaterThanOrEqualTo(at < 8 ? 0 : at * 2 / 3 - 1);
        }
    }

    @Test
    void aPrintThatIsWrittenAndReadIsTheSame() {
        long[] fields = new long[Field.values().length];
        fields[3] = -5;
        RequestPrint print = RequestPrint.of(fields, "Some instructions for the model", null);
        RequestPrint read = RequestPrint.parse(print.toText());
        assertThat(read.toText()).isEqualTo(print.toText()).doesNotContain("instructions");
        assertThat(print.from(read).fields()).isEmpty();
        fields[2] = 1;
        Difference difference =
                RequestPrint.of(fields, "Some instructions for a model", "x").from(read);
        assertThat(difference.names()).containsExactly("system");
        assertThat(difference.inWords()).isEqualTo("system (equal up to character 16 of 29)");
        assertThat(RequestPrint.parse("")).isNull();
        assertThat(RequestPrint.parse("zz;1;2")).isNull();
    }

    @Test
    void theLastThousandRequestsAreRemembered() {
        AnswerLedger ledger = new AnswerLedgers("USD", PriceList.NONE, BackgroundBudget.unlimited(), () -> 0).of("a");
        for (int i = 0; i < 3000; i++) {
            long[] fields = new long[Field.values().length];
            fields[Field.USER.ordinal()] = i;
            fields[Field.SYSTEM.ordinal()] = i;
            ledger.missed("m", "key " + i, RequestPrint.of(fields, null, null));
            ledger.kept("key " + i, null);
        }
        long[] near = new long[Field.values().length];
        near[Field.USER.ordinal()] = 2999;
        ledger.missed("m", "near", RequestPrint.of(near, null, null));
        near[Field.USER.ordinal()] = 1;
        near[Field.SYSTEM.ordinal()] = 9;
        ledger.missed("m", "far", RequestPrint.of(near, null, null));
        assertThat(ledger.report().missReasons()).isEqualTo(Map.of("new", 3001L, "system", 1L));
    }
}
