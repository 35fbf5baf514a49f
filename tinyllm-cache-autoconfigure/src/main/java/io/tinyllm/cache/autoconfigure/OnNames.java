package io.tinyllm.cache.autoconfigure;

import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches where one of the caches for language models has a name that is not empty. */
abstract class OnNames extends SpringBootCondition {

    private final List<String> properties;

    private OnNames(String... properties) {
        this.properties = List.of(properties);
    }

    @Override
    public final ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConditionMessage.Builder message = ConditionMessage.forCondition("Caches for language models");
        for (String name : properties) {
            String property = TinyLlmCacheLlmAutoConfiguration.PREFIX + "." + name;
            String cache = context.getEnvironment().getProperty(property, "");
            if (!cache.isBlank()) {
                return ConditionOutcome.match(message.because(property + " is " + cache));
            }
        }
        return ConditionOutcome.noMatch(message.because("no name is set"));
    }

    /** Matches where answers are cached. */
    static final class OfAnswers extends OnNames {

        OfAnswers() {
            super("cache");
        }
    }

    /** Matches where vectors are cached. */
    static final class OfEmbeddings extends OnNames {

        OfEmbeddings() {
            super("embeddings");
        }
    }

    /** Matches where either are. */
    static final class OfAny extends OnNames {

        OfAny() {
            super("cache", "embeddings");
        }
    }
}
