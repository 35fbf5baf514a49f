package io.tinyllm.cache.autoconfigure;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;

/**
 * Takes the meters of the caches out of a registry that ends with its application. Spring Boot closes the registries of
 * an application that it closes, but leaves those of a start that failed in the global registry, with all they hold.
 */
final class MetersRemoval implements DestructionAwareBeanPostProcessor {

    private final Tag manager;

    /**
     * @param manager the tag of the meters that Spring Boot binds for the caches
     */
    MetersRemoval(Tag manager) {
        this.manager = manager;
    }

    @Override
    public boolean requiresDestruction(Object bean) {
        return bean instanceof MeterRegistry;
    }

    @Override
    public void postProcessBeforeDestruction(Object bean, String beanName) {
        if (bean instanceof MeterRegistry registry) {
            for (Meter meter : registry.getMeters()) {
                if (isOurs(meter.getId())) {
                    registry.remove(meter);
                }
            }
        }
    }

    private boolean isOurs(Meter.Id id) {
        return id.getName().startsWith("tinyllm.cache.")
                || id.getName().startsWith("cache.") && manager.getValue().equals(id.getTag(manager.getKey()));
    }
}
