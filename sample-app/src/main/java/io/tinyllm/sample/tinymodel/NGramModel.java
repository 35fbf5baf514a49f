package io.tinyllm.sample.tinymodel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A language model of word trigrams. It guesses each word from the two before it, and from fewer where the longer
 * context has not been seen (interpolated Kneser-Ney: a context gives some of its probability to the next shorter one,
 * which counts in how many contexts a word occurred instead of how often). Immutable and thread-safe; the same prompt
 * always gets the same text.
 */
final class NGramModel {

    private static final int CONTEXT = 2;
    private static final int MINIMUM_TOKENS = 30;
    private static final int MAXIMUM_TOKENS = 60;

    /**
     * What each distinct follower of a context gives to the shorter context. Small, because the text is small and
     * should stay readable.
     */
    private static final double DISCOUNT = 0.05;

    private final Map<List<String>, Followers> followers = new HashMap<>();

    /** Trains the model; a text without a word is an {@link IllegalArgumentException}. */
    NGramModel(String text) {
        List<String> tokens = new ArrayList<>();
        tokens.add(Words.FULL_STOP);
        tokens.addAll(Words.split(text));
        if (tokens.stream().allMatch(Words::isMark)) {
            throw new IllegalArgumentException("There is no word in the text to learn from");
        }
        for (int i = 1; i < tokens.size(); i++) {
            learn(context(tokens.subList(0, i)), tokens.get(i));
        }
    }

    /**
     * Continues the prompt until a sentence ends after 30 tokens, at most 60. The text takes up the prompt's last
     * words, as far as the model knows them, and is chosen at random with the prompt as the seed.
     */
    Generation generate(String prompt) {
        Random random = new Random(prompt.hashCode());
        List<String> promptTokens = Words.split(prompt);
        List<String> tokens = opening(promptTokens);
        String last = tokens.get(tokens.size() - 1);
        int generated = 0;
        while (generated < MINIMUM_TOKENS || (generated < MAXIMUM_TOKENS && !Words.endsSentence(last))) {
            String token = next(context(tokens), random);
            if (Words.isMark(token) && Words.isMark(last)) {
                continue; // the shortest context knows no grammar
            }
            tokens.add(token);
            last = token;
            generated++;
        }
        return new Generation(Words.join(tokens.subList(1, tokens.size())), promptTokens.size(), generated);
    }

    /** The number of n-grams that the model has counted. */
    int size() {
        return followers.values().stream().mapToInt(f -> f.counts.size()).sum();
    }

    private void learn(List<String> context, String word) {
        boolean firstTime = followers
                .computeIfAbsent(List.copyOf(context), c -> new Followers())
                .add(word);
        if (firstTime && !context.isEmpty()) {
            learn(context.subList(1, context.size()), word);
        }
    }

    private String next(List<String> context, Random random) {
        Followers known = followers.get(context);
        if (known != null) {
            double discount = context.isEmpty() ? 0 : DISCOUNT;
            double rest = random.nextDouble() * known.total;
            for (Map.Entry<String, Integer> follower : known.counts.entrySet()) {
                rest -= follower.getValue() - discount;
                if (rest < 0) {
                    return follower.getKey();
                }
            }
        }
        return next(context.subList(1, context.size()), random);
    }

    /**
     * A full stop, then the last two known words of the prompt, or only the last if the two were never seen together.
     */
    private List<String> opening(List<String> promptTokens) {
        List<String> known = promptTokens.stream()
                .filter(token -> !Words.isMark(token) && followers.containsKey(List.of(token)))
                .toList();
        List<String> words = context(known);
        if (words.size() == CONTEXT && !followers.containsKey(words)) {
            words = words.subList(1, CONTEXT);
        }
        List<String> opening = new ArrayList<>(List.of(Words.FULL_STOP));
        opening.addAll(words);
        return opening;
    }

    private static List<String> context(List<String> tokens) {
        return tokens.subList(Math.max(0, tokens.size() - CONTEXT), tokens.size());
    }

    /** A text and how many tokens were read and written for it. */
    record Generation(String text, int promptTokens, int tokens) {}

    /** The words that followed a context, in the order they were met, so that training is deterministic too. */
    private static final class Followers {

        private final Map<String, Integer> counts = new LinkedHashMap<>();
        private int total;

        boolean add(String word) {
            total++;
            return counts.merge(word, 1, Integer::sum) == 1;
        }
    }
}
