package io.tinyllm.sample.tinymodel;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Text as the model sees it: lower-case words and punctuation marks.
 */
final class Words {

    static final String FULL_STOP = ".";

    private static final Pattern WORD_OR_MARK =
            Pattern.compile("\\w+(?:['-]\\w+)*|[.,;:?!]", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Set<String> ENDS = Set.of(FULL_STOP, "?", "!");
    private static final Set<String> MARKS = Set.of(FULL_STOP, "?", "!", ",", ";", ":");

    private Words() {}

    static List<String> split(String text) {
        return WORD_OR_MARK
                .matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
    }

    static String join(List<String> tokens) {
        StringBuilder text = new StringBuilder();
        boolean sentenceStarts = true;
        for (String token : tokens) {
            if (!text.isEmpty() && !isMark(token)) {
                text.append(' ');
            }
            text.append(sentenceStarts || token.equals("i") ? capitalized(token) : token);
            sentenceStarts = endsSentence(token);
        }
        return text.toString();
    }

    static boolean endsSentence(String token) {
        return ENDS.contains(token);
    }

    static boolean isMark(String token) {
        return MARKS.contains(token);
    }

    private static String capitalized(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }
}
