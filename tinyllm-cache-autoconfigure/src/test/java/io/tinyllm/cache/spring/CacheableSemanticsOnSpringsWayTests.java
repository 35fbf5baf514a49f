package io.tinyllm.cache.spring;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** What annotations mean where every hit goes through the whole of Spring's interceptor: the same. */
class CacheableSemanticsOnSpringsWayTests extends CacheableSemanticsTests {

    @Override
    void prepare(AnnotationConfigApplicationContext application) {
        SpringsWay.choose(application);
    }
}
