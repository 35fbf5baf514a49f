package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.springai.CachingAdvisor;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The cache of answers as an application configures it. */
class AnswersAutoConfigurationTests {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(TinyLlmCacheAutoConfiguration.class, TinyLlmCacheLlmAutoConfiguration.class))
            .withUserConfiguration(SettingsSeen.class);

    @Test
    void withoutANameThereIsNoAdvisor() {
        application.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(CachingAdvisor.class));
        application
                .withPropertyValues("tinyllm.cache.llm.cache=")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(CachingAdvisor.class));
    }

    @Test
    void theCacheOfAnswersIsThereFromTheStart() {
        application
                .withPropertyValues("tinyllm.cache.llm.cache=answers")
                .run(context -> assertThat(context.getBean(CacheManager.class).getCacheNames())
                        .contains("answers"));
    }

    @ParameterizedTest
    @CsvSource({
        "tinyllm.cache.enabled=true, 10m",
        "tinyllm.cache.caches.answers.load-timeout=45s, 45s",
        "tinyllm.cache.caches.answers.time-to-live=45s, 10m",
        "tinyllm.cache.defaults.load-timeout=20s, 20s"
    })
    void aLoadOfAnAnswerIsWaitedForLongerUnlessThatIsSaid(String property, String timeout) {
        application
                .withPropertyValues("tinyllm.cache.llm.cache=answers", property)
                .run(context -> {
                    Map<String, CacheSettings> seen = context.getBean(SettingsSeen.class).seen;
                    context.getBean(CacheManager.class).getCache("others");
                    assertThat(seen.get("answers").getLoadTimeout()).isEqualTo(DurationStyle.detectAndParse(timeout));
                    assertThat(seen.get("others").getLoadTimeout()).isLessThanOrEqualTo(Duration.ofSeconds(30));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "tinyllm.cache.caches.answers.llm.maximum-temperature=2.1",
        "tinyllm.cache.caches.answers.llm.maximum-temperature=-0.1",
        "tinyllm.cache.defaults.llm.maximum-temperature=3",
        "tinyllm.cache.llm.mode=sometimes",
        "tinyllm.cache.llm.usage-on-hit=half",
        "tinyllm.cache.llm.caches=x",
        "spring.cache.cache-names=users"
    })
    void aBadSettingStopsTheStart(String property) {
        application
                .withPropertyValues("tinyllm.cache.llm.cache=answers", property)
                .run(context -> assertThat(context).hasFailed());
    }

    @Test
    void aCacheOutsideAClosedListIsNamed() {
        application
                .withPropertyValues("tinyllm.cache.llm.cache=answers", "spring.cache.cache-names=users")
                .run(context -> assertThat(context.getStartupFailure())
                        .isInstanceOfSatisfying(InvalidCacheSettingException.class, failure -> {
                            assertThat(failure.getProperty()).isEqualTo("tinyllm.cache.llm.cache");
                            assertThat(failure.getSetting()).isEqualTo("answers");
                        }));
    }

    @Test
    void aClosedListNeedsTheCachesThatAreNamedAndNoOther() {
        application
                .withPropertyValues("tinyllm.cache.llm.cache=answers", "spring.cache.cache-names=users,answers")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(CachingAdvisor.class));
        application
                .withPropertyValues("tinyllm.cache.llm.embeddings=vectors", "spring.cache.cache-names=users,answers")
                .run(context -> assertThat(context.getStartupFailure())
                        .isInstanceOfSatisfying(InvalidCacheSettingException.class, failure -> {
                            assertThat(failure.getProperty()).isEqualTo("tinyllm.cache.llm.embeddings");
                            assertThat(failure.getSetting()).isEqualTo("vectors");
                        }));
        application
                .withPropertyValues("tinyllm.cache.llm.embeddings=vectors", "spring.cache.cache-names=users,vectors")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(CachingAdvisor.class));
    }

    /** In a class loader that has no Spring AI, and that knows what it has loaded. */
    @Test
    void withoutSpringAiNothingOfTheLayerIsLoaded() throws Exception {
        try (WithoutSpringAi loader = WithoutSpringAi.create()) {
            Object failure = loader.run("");
            assertThat(failure).isNull();
            assertThat(loader.loaded).contains("io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration");
            assertThat(loader.loaded).noneMatch(name -> name.startsWith("io.tinyllm.cache.springai."));
            assertThat(loader.loaded)
                    .filteredOn(name -> name.startsWith("io.tinyllm.cache.llm."))
                    .isSubsetOf("io.tinyllm.cache.llm.AnswerMode", "io.tinyllm.cache.llm.UsageOnHit");
        }
    }

    @Test
    void aNameWithoutSpringAiStopsTheStart() throws Exception {
        try (WithoutSpringAi loader = WithoutSpringAi.create()) {
            assertThat(loader.run("tinyllm.cache.llm.cache=answers")).asString().contains("tinyllm.cache.llm.cache");
        }
    }

    /** Starts a context in a class loader of its own; called through reflection there. */
    public static final class Child {

        private Child() {}

        /** What the start failed with, as text, or null. */
        public static String start(String property) {
            String[] failure = new String[1];
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(
                            TinyLlmCacheAutoConfiguration.class, TinyLlmCacheLlmAutoConfiguration.class))
                    .withPropertyValues(property.isEmpty() ? new String[0] : new String[] {property})
                    .run(context -> {
                        Throwable thrown = context.getStartupFailure();
                        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
                            failure[0] = cause.toString();
                        }
                        if (thrown == null) {
                            context.getBean(CacheManager.class)
                                    .getCache("users")
                                    .put("a", "b");
                        }
                    });
            return failure[0];
        }
    }

    /** The class path of this test without Spring AI. */
    private static final class WithoutSpringAi extends URLClassLoader {

        private final List<String> loaded = new CopyOnWriteArrayList<>();

        private WithoutSpringAi(URL[] urls) {
            super(urls, ClassLoader.getPlatformClassLoader());
        }

        static WithoutSpringAi create() throws Exception {
            List<URL> urls = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
                if (!entry.contains("spring-ai")) {
                    urls.add(Path.of(entry).toUri().toURL());
                }
            }
            return new WithoutSpringAi(urls.toArray(URL[]::new));
        }

        Object run(String property) throws Exception {
            Thread thread = Thread.currentThread();
            ClassLoader before = thread.getContextClassLoader();
            thread.setContextClassLoader(this);
            try {
                return loadClass(Child.class.getName())
                        .getMethod("start", String.class)
                        .invoke(null, property);
            } finally {
                thread.setContextClassLoader(before);
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            Class<?> found = super.findClass(name);
            loaded.add(name);
            return found;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class SettingsSeen {

        private final Map<String, CacheSettings> seen = new ConcurrentHashMap<>();

        @Bean
        CacheCustomizer noteSettings() {
            return seen::put;
        }
    }
}
