package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.spring.TinyLlmCacheManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.cache.CacheType;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheManagerCustomizer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.CachingConfigurer;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.annotation.ProxyCachingConfiguration;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.interceptor.BeanFactoryCacheOperationSourceAdvisor;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Who provides the cache manager: this library by default, and whoever the application has chosen otherwise. */
@ExtendWith(OutputCaptureExtension.class)
class BackOffTests {

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    CacheAutoConfiguration.class,
                    TinyLlmCacheAutoConfiguration.class,
                    TinyLlmCacheBackOffAutoConfiguration.class));

    @Test
    void winsOverSpringBootsCaffeine(CapturedOutput output) {
        runner.run(context -> {
            assertThat(context).hasSingleBean(CacheManager.class);
            assertThat(context).getBean(CacheManager.class).isInstanceOf(TinyLlmCacheManager.class);
            assertThat(context.getBean(CacheInterceptor.class).getClass().getPackageName())
                    .isEqualTo("io.tinyllm.cache.spring");
        });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("INFO io.tinyllm.cache").contains("serves the cached methods of this application");
    }

    @Test
    void withoutThisLibrarySpringBootWouldHaveChosenCaffeine() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(CacheAutoConfiguration.class))
                .withUserConfiguration(OwnCaching.class)
                .run(context ->
                        assertThat(context).getBean(CacheManager.class).isInstanceOf(CaffeineCacheManager.class));
    }

    @Test
    void backsOffFromACacheManagerOfTheApplication(CapturedOutput output) {
        runner.withUserConfiguration(OwnManager.class).run(context -> {
            assertThat(context).hasSingleBean(CacheManager.class);
            assertThat(context).getBean(CacheManager.class).isInstanceOf(ConcurrentMapCacheManager.class);
            assertThat(context.getBean(CacheInterceptor.class).getClass()).isEqualTo(CacheInterceptor.class);
        });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("INFO io.tinyllm.").contains("CacheManager bean of its own");
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "SIMPLE", "CAFFEINE", "GENERIC"})
    void backsOffFromAnExplicitCacheType(CacheType type, CapturedOutput output) {
        runner.withUserConfiguration(OwnCache.class)
                .withPropertyValues("spring.cache.type=" + type.name().toLowerCase(java.util.Locale.ROOT))
                .run(context -> assertThat(context)
                        .doesNotHaveBean(TinyLlmCacheManager.class)
                        .hasSingleBean(CacheManager.class)
                        .hasSingleBean(CacheInterceptor.class));
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("INFO io.tinyllm.").contains("spring.cache.type is set");
    }

    @Test
    void leavesCachingToSpringBootWhereItIsSwitchedOff(CapturedOutput output) {
        runner.withUserConfiguration(OwnCaching.class)
                .withPropertyValues("tinyllm.cache.enabled=false")
                .run(context -> {
                    assertThat(context).getBean(CacheManager.class).isInstanceOf(CaffeineCacheManager.class);
                    assertThat(context.getBean(CacheInterceptor.class).getClass())
                            .isEqualTo(CacheInterceptor.class);
                });
        assertThat(lines(output)).isEqualTo(1);
        assertThat(output).contains("INFO io.tinyllm.").contains("tinyllm.cache.enabled is false");
    }

    @Test
    void leavesCachingOnWhereItIsSwitchedOffAndTheApplicationHasNotSwitchedItOnItself() {
        runner.withPropertyValues("tinyllm.cache.enabled=false").run(context -> {
            assertThat(context).getBean(CacheManager.class).isInstanceOf(CaffeineCacheManager.class);
            assertThat(context).hasSingleBean(CacheInterceptor.class);
        });
    }

    @Test
    void startsWithSeveralManagersOfTheApplicationOfWhichNoneIsPrimary() {
        runner.withUserConfiguration(OwnManager.class, SecondManager.class)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(CacheInterceptor.class));
    }

    @Test
    void cachingIsSwitchedOnWhereTheApplicationHasNotDoneSo() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(ProxyCachingConfiguration.class)
                .hasSingleBean(BeanFactoryCacheOperationSourceAdvisor.class));
    }

    @Test
    void theApplicationsOwnEnableCachingKeepsItsAttributes() {
        runner.withUserConfiguration(OwnCaching.class).run(context -> {
            assertThat(context).hasSingleBean(BeanFactoryCacheOperationSourceAdvisor.class);
            assertThat(context.getBean(BeanFactoryCacheOperationSourceAdvisor.class)
                            .getOrder())
                    .isEqualTo(77);
            assertThat(context).getBean(CacheManager.class).isInstanceOf(TinyLlmCacheManager.class);
        });
    }

    @Test
    void theApplicationsCachingConfigurerIsLeftAlone() {
        runner.withUserConfiguration(OwnConfigurer.class)
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(CachingConfigurer.class));
    }

    @Test
    void cacheManagerCustomizersApply() {
        runner.withUserConfiguration(Customized.class)
                .run(context -> assertThat(context.getBean(CacheManager.class).getCacheNames())
                        .contains("made by the customizer"));
    }

    @Test
    void cacheNamesAreAClosedList() {
        runner.withPropertyValues("spring.cache.cache-names=one,two", "tinyllm.cache.caches.two.time-to-live=5s")
                .run(context -> {
                    CacheManager manager = context.getBean(CacheManager.class);
                    assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("one", "two");
                    assertThat(manager.getCache("one")).isNotNull();
                    assertThat(manager.getCache("three")).isNull();
                    assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("one", "two");
                });
    }

    @Test
    void withoutAListCachesAreMadeOnDemandAndOnce() {
        runner.withPropertyValues("tinyllm.cache.caches.listed.time-to-live=5s").run(context -> {
            CacheManager manager = context.getBean(CacheManager.class);
            assertThat(manager.getCacheNames()).containsExactly("listed");
            assertThat(manager.getCache("demanded")).isSameAs(manager.getCache("demanded"));
            assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("listed", "demanded");
            assertThat(manager.getCache("demanded").getNativeCache()).isNotNull();
        });
    }

    private static long lines(CapturedOutput output) {
        return output.toString()
                .lines()
                .filter(line -> line.contains("io.tinyllm"))
                .count();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching(order = 77)
    static class OwnCaching {}

    @Configuration(proxyBeanMethods = false)
    static class OwnConfigurer implements CachingConfigurer {}

    @Configuration(proxyBeanMethods = false)
    static class OwnManager {

        @Bean
        CacheManager applicationCacheManager() {
            return new ConcurrentMapCacheManager();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class SecondManager {

        @Bean
        CacheManager second() {
            return new ConcurrentMapCacheManager();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnCache {

        @Bean
        Cache books() {
            return new ConcurrentMapCache("books");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Customized {

        @Bean
        CacheManagerCustomizer<TinyLlmCacheManager> customizer() {
            return manager -> manager.getCache("made by the customizer");
        }
    }
}
