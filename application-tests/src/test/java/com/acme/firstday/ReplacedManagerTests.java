package com.acme.firstday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.Mockito.atLeast;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.reset;
import static org.mockito.Mockito.verify;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;

/** Tests of applications mock the cache manager or spy on it, libraries wrap it. */
class ReplacedManagerTests {

    @Nested
    @SpringBootTest(
            classes = App.class,
            webEnvironment = SpringBootTest.WebEnvironment.NONE,
            properties = "spring.cloud.compatibility-verifier.enabled=false")
    class Mocked {

        @MockitoBean
        CacheManager manager;

        @Autowired
        CacheManager injected;

        @Autowired
        HealthIndicator tinyllmCacheHealthContributor;

        @Test
        void starts() {
            assertThat(injected).isSameAs(manager);
            assertThat(tinyllmCacheHealthContributor.health()).isNotNull();
        }
    }

    @Nested
    @SpringBootTest(
            classes = App.class,
            webEnvironment = SpringBootTest.WebEnvironment.NONE,
            properties = "spring.cloud.compatibility-verifier.enabled=false")
    class SpiedOn {

        @MockitoSpyBean
        CacheManager manager;

        @Autowired
        Service service;

        @Test
        void aSpiedManagerCachesAndCanBeStubbed() {
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            verify(manager, atLeast(1)).getCache("things");
            ConcurrentMapCache other = new ConcurrentMapCache("things");
            other.put("a", -1);
            doReturn(other).when(manager).getCache(anyString());
            assertThat(service.thing("a")).isEqualTo(-1);
            reset(manager);
            assertThat(service.thing("a")).isNotEqualTo(-1);
        }
    }

    @Test
    void behindAProxyItCachesAndTheEndpointsAnswer() throws Exception {
        try (var app = Apps.start(
                WebApplicationType.SERVLET,
                AppWithWrapper.class,
                "spring.autoconfigure.exclude=org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration,"
                        + "org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration")) {
            Service service = app.getBean(Service.class);
            assertThat(service.thing("a")).isEqualTo(service.thing("a"));
            assertThat(Apps.get(app, "/actuator/cacheanalytics/things").body()).contains("\"hits\":1", "\"loads\":1");
            assertThat(Apps.get(app, "/actuator/cachetuning").statusCode()).isEqualTo(200);
            assertThat(Apps.get(app, "/actuator/caches").body()).contains("things");
            assertThat(Apps.get(app, "/actuator/metrics/cache.gets").body()).contains("things");
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class App {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Service.class)
    static class AppWithWrapper {

        @Bean
        static BeanPostProcessor wrapper() {
            return new BeanPostProcessor() {

                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return bean instanceof CacheManager
                            ? Proxy.newProxyInstance(
                                    CacheManager.class.getClassLoader(),
                                    new Class<?>[] {CacheManager.class},
                                    (proxy, method, arguments) -> method.invoke(bean, arguments))
                            : bean;
                }
            };
        }
    }

    static class Service {

        private final AtomicInteger calls = new AtomicInteger();

        @Cacheable("things")
        public int thing(String key) {
            return calls.incrementAndGet();
        }
    }
}
