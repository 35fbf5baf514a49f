package io.tinyllm.sample.tinymodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.ClassPathResource;

class NGramModelTests {

    private static String corpus;
    private static NGramModel model;

    @BeforeAll
    static void train() throws IOException {
        corpus = new ClassPathResource("tiny-corpus.txt").getContentAsString(StandardCharsets.UTF_8);
        model = new NGramModel(corpus);
    }

    @Test
    void givesTheSamePromptTheSameTextInEveryModelTrainedAlike() {
        assertThat(model.generate("What is a cache?"))
                .isEqualTo(model.generate("What is a cache?"))
                .isEqualTo(new NGramModel(corpus).generate("What is a cache?"));
    }

    @Test
    void givesDifferentPromptsDifferentTexts() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            texts.add(model.generate("prompt number " + i).text());
        }

        assertThat(texts).hasSize(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "?!", "hello", "Zażółć 漢字 🙂", "what is it", "the the the the"})
    void writesWholeSentencesOfBoundedLengthForAnyPrompt(String prompt) {
        var generation = model.generate(prompt);

        assertThat(generation.tokens()).isBetween(30, 60);
        assertThat(generation.text()).matches("\\p{Lu}.*[.?!]").doesNotContain(" .", " ,", "..");
    }

    @Test
    void takesUpTheLastKnownWordsOfThePrompt() {
        assertThat(model.generate("What is a cache?").text()).startsWith("A cache");
        assertThat(model.generate("Xyzzy, why does the rain... plugh?").text()).startsWith("The rain");
        assertThat(model.generate("a joke about dogs, elephants and snow").text())
                .startsWith("Snow");
    }

    @Test
    void followsTheWordPairsOfItsCorpusAndBacksOffToItsVocabularyOtherwise() {
        Set<String> vocabulary = new HashSet<>(Words.split(corpus));
        Set<List<String>> corpusPairs = pairs(Words.split(corpus));

        List<List<String>> generated = IntStream.range(0, 200)
                .mapToObj(i -> Words.split(model.generate("prompt " + i).text()))
                .toList();

        assertThat(generated).allSatisfy(tokens -> assertThat(vocabulary).containsAll(tokens));
        double pairs = generated.stream().mapToLong(tokens -> tokens.size() - 1).sum();
        long unseen = generated.stream()
                .flatMap(tokens -> IntStream.range(1, tokens.size()).mapToObj(i -> tokens.subList(i - 1, i + 1)))
                .filter(pair -> !corpusPairs.contains(pair))
                .count();
        assertThat(unseen / pairs).isBetween(0.001, 0.05);
    }

    @Test
    void choosesWordsAsOftenAsItsTextDoes() {
        NGramModel weather = new NGramModel("the sun shines. ".repeat(9) + "the sun sets. ".repeat(3));

        long sets = IntStream.range(0, 1000)
                .filter(i -> weather.generate(i + " the sun").text().startsWith("The sun sets"))
                .count();

        assertThat(sets).isBetween(200L, 300L);
    }

    @Test
    void refusesATextWithoutWords() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NGramModel(" ... "));
    }

    private static Set<List<String>> pairs(List<String> tokens) {
        Set<List<String>> pairs = new HashSet<>();
        for (int i = 1; i < tokens.size(); i++) {
            pairs.add(tokens.subList(i - 1, i + 1));
        }
        return pairs;
    }
}
