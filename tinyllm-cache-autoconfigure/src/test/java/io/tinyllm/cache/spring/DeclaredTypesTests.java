package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.codec.ValueTypes;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.cache.annotation.AnnotationCacheOperationSource;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.interceptor.CacheOperation;

/** What the codecs of an application are told, whenever they are made. */
class DeclaredTypesTests {

    private final AnnotationCacheOperationSource source = new AnnotationCacheOperationSource();
    private final ValueTypes types = new ValueTypes(List.of(), DeclaredTypesTests.class.getClassLoader());
    private final DeclaredTypes declared = new DeclaredTypes();

    private void call() throws NoSuchMethodException {
        Method method = Service.class.getMethod("find", Question.class);
        for (CacheOperation operation : source.getCacheOperations(method, Service.class)) {
            declared.declare(operation, method, Service.class, source);
        }
    }

    private static ListableBeanFactory beans(Class<?>... beans) {
        DefaultListableBeanFactory factory = new DefaultListableBeanFactory();
        for (Class<?> bean : beans) {
            factory.registerBeanDefinition(bean.getName(), new RootBeanDefinition(bean));
        }
        return factory;
    }

    @Test
    void theMethodsOfBeansAreToldBeforeAnyCall() {
        declared.declareAll(types, beans(Service.class), source);
        assertThat(types.allows(Answer.class)).isTrue();
        assertThat(types.allows(Question.class)).isTrue();
    }

    @Test
    void aCallOfABeanThatNobodyKnowsIsToldOnceThereAreCodecs() throws Exception {
        call();
        assertThat(types.allows(Answer.class)).isFalse();
        declared.declareAll(types, beans(), source);
        assertThat(types.allows(Answer.class)).isTrue();
        assertThat(types.allows(Other.class)).as("of another method of it").isTrue();
    }

    @Test
    void afterThatACallIsToldAtOnce() throws Exception {
        declared.declareAll(types, beans(), null);
        assertThat(types.allows(Answer.class)).isFalse();
        call();
        assertThat(types.allows(Answer.class)).isTrue();
    }

    record Question(String text) {}

    record Answer(String text) {}

    record Other(String text) {}

    static class Service {

        @Cacheable("answers")
        public Answer find(Question question) {
            return new Answer(question.text());
        }

        @Cacheable("others")
        public Other other(String key) {
            return new Other(key);
        }
    }
}
