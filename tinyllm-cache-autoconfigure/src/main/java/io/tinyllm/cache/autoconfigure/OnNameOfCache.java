package io.tinyllm.cache.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches where the cache of answers has a name that is not empty. */
final class OnNameOfCache extends SpringBootCondition {

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        String property = TinyLlmCacheLlmAutoConfiguration.PREFIX + ".cache";
        String name = context.getEnvironment().getProperty(property, "");
        ConditionMessage.Builder message = ConditionMessage.forCondition("Cache of answers");
        return name.isBlank()
                ? ConditionOutcome.noMatch(message.because(property + " is empty"))
                : ConditionOutcome.match(message.because(property + " is " + name));
    }
}
