package io.tinyllm.cache.spring;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** What annotations mean where every hit goes through the whole of Spring's interceptor: the same. */
class CacheableSemanticsOnSpringsWayTests extends CacheableSemanticsTests {

    @Override
    void prepare(AnnotationConfigApplicationContext application) {
        SpringsWay.choose(application);
    }

    /** A crowd waits in the same place on either way: of ten thousand in the soak profile. */
    @Override
    int crowd() {
        return Integer.getInteger("tinyllm.test.crowd", 1_000);
    }
}
