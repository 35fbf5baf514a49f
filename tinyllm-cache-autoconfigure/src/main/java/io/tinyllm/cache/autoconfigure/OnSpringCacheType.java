package io.tinyllm.cache.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Matches unless the application has chosen one of Spring Boot's own caches. */
final class OnSpringCacheType extends SpringBootCondition {

    static final String PROPERTY = "spring.cache.type";

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConditionMessage.Builder message = ConditionMessage.forCondition("Explicit cache type");
        return context.getEnvironment().containsProperty(PROPERTY)
                ? ConditionOutcome.noMatch(message.because(PROPERTY + " is set"))
                : ConditionOutcome.match(message.because(PROPERTY + " is not set"));
    }
}
