package io.tinyllm.sample.tinymodel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A language model of word trigrams. It guesses each word from the two before it, and from fewer where the longer context has not been seen
 * (interpolated Kneser-Ney: a context gives some of its probability to the next shorter one, which counts in how many contexts a word
 * occurred instead of how often). Immutable and thread-safe; the same prompt always gets the same text.
 */
final class NGramModel {

    private static final int CONTEXT = 2;
    private static final int MINIMUM_TOKENS = 30;
    private static final int MAXIMUM_TOKENS = 60;

    /** What each distinct follower of a context gives to the shorter context. Small, because the text is small and should stay readable. */
    private static final double DISCOUNT = 0.2;

    private final Map<List<String>, Followers> followers = new HashMap<>();

    /** Trains the model; a text without a word is an {@link IllegalArgumentException}. */
    NGramModel(String text) {
        List<String> tokens = new ArrayList<>();
        tokens.add(Words.FULL_STOP);
        tokens.addAll(Words.split(text));
        if (tokens.size() == 1) {
            throw new IllegalArgumentException("There is no word in the text to learn from");
        }
        for (int i = 1; i < tokens.size(); i++) {
            learn(context(tokens.subList(0, i)), tokens.get(i));
        }
    }

    /**
     * Continues the prompt until a sentence ends after 30 tokens, at most 60. The text takes up the prompt's last words, as far as the model
     * knows them, and is chosen at random with the prompt as the seed.
     */
    Generation generate(String prompt) {
        Random random = new Random(prompt.hashCode());
        List<String> promptTokens = Words.split(prompt);
        List<String> tokens = new ArrayList<>(opening(promptTokens));
        int generated = 0;
        do {
            tokens.add(next(context(tokens), random));
            generated++;
        } while (generated < MAXIMUM_TOKENS
                && !(generated >= MINIMUM_TOKENS && Words.endsSentence(tokens.get(tokens.size() - 1))));
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

    private List<String> opening(List<String> promptTokens) {
        List<String> opening = new ArrayList<>();
        opening.add(Words.FULL_STOP);
        promptTokens.stream()
                .filter(token -> !Words.isMark(token) && followers.containsKey(List.of(token)))
                .forEach(opening::add);
        int surplus = Math.max(0, opening.size() - 1 - CONTEXT);
        opening.subList(1, 1 + surplus).clear();
        if (opening.size() == 1 + CONTEXT && !followers.containsKey(opening.subList(1, 1 + CONTEXT))) {
            opening.remove(1);
        }
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
