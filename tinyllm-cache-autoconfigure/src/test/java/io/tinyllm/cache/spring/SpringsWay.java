package io.tinyllm.cache.spring;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** An application whose hits take no short way. */
final class SpringsWay {

    private SpringsWay() {}

    /** Chooses it for an application that is not started yet. */
    static void choose(AnnotationConfigApplicationContext application) {
        application.addBeanFactoryPostProcessor(factory -> {
            ((DefaultListableBeanFactory) factory).removeBeanDefinition("tinyLlmCacheInterceptorReplacer");
            CacheInterceptorReplacer replacer = new CacheInterceptorReplacer(false);
            replacer.setBeanFactory(factory);
            factory.registerSingleton("springsWay", replacer);
        });
    }
}
