package io.tinyllm.cache.bypass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyPatternTests {

    @ParameterizedTest
    @CsvSource({
        "user:*, user:1, true",
        "user:*, user:, true",
        "user:*, users:1, false",
        "*, anything, true",
        "?, a, true",
        "?, ab, false",
        "a*b*c, axxbyyc, true",
        "a*b*c, axxbyyd, false",
        "*.tmp, x.tmp, true",
        "a.c, abc, false",
        "**a**, xxax, true",
        "[x], x, false"
    })
    void asteriskStandsForAnythingAndQuestionMarkForOne(String pattern, String text, boolean matches) {
        assertThat(new KeyPattern(pattern).matches(text)).isEqualTo(matches);
    }

    @Test
    void emptyTextMatchesOnlyAsterisks() {
        assertThat(new KeyPattern("*").matches("")).isTrue();
        assertThat(new KeyPattern("?").matches("")).isFalse();
    }

    @Test
    void agreesWithARegularExpressionOnRandomInput() {
        Random random = new Random(42);
        int matched = 0;
        for (int i = 0; i < 50_000; i++) {
            String pattern = random(random, "ab*?", 6);
            String text = random(random, "ab", 8);
            StringBuilder regex = new StringBuilder();
            for (char c : pattern.toCharArray()) {
                regex.append(c == '*' ? ".*" : c == '?' ? "." : Character.toString(c));
            }
            boolean expected = Pattern.matches(regex.toString(), text);
            assertThat(new KeyPattern(pattern).matches(text))
                    .as("%s on %s", pattern, text)
                    .isEqualTo(expected);
            matched += expected ? 1 : 0;
        }
        assertThat(matched).isBetween(5_000, 45_000);
    }

    @Test
    void aHostileTextDoesNotExplode() {
        String pattern = "*a".repeat(50) + "b";
        // Exponential matching would not end before the universe does.
        assertThat(new KeyPattern(pattern).matches("a".repeat(20_000))).isFalse();
    }

    private static String random(Random random, String alphabet, int maximum) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(maximum + 1);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
