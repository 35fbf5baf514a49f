package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.springai.AnswerCaches;
import io.tinyllm.cache.springai.AnswerLoadTimeout;
import io.tinyllm.cache.springai.AnswerTags;
import io.tinyllm.cache.springai.AnswerTimeToLive;
import io.tinyllm.cache.springai.CachingAdvisor;
import io.tinyllm.cache.springai.UnstoredAnswers;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cache.CacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the cache of what language models answer, where there is Spring AI and a name for that cache.
 */
@AutoConfiguration(after = TinyLlmCacheAutoConfiguration.class)
@ConditionalOnBean(TinyLlmCacheProperties.class)
@Conditional(OnNameOfCache.class)
public final class TinyLlmCacheLlmAutoConfiguration {

    static final String PREFIX = TinyLlmCacheProperties.PREFIX + ".llm";

    /** The cache, and the advisor over it. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ChatClient.class)
    static class CacheConfiguration {

        @Bean
        AnswerCaches tinyLlmCacheAnswerCaches(ObjectProvider<CacheManager> manager) {
            return new AnswerCaches(manager::getObject);
        }

        @Bean
        CacheCustomizer tinyLlmCacheAnswerLoadTimeout(Environment environment, TinyLlmCacheProperties properties) {
            String cache = name(properties);
            boolean said = isSaid(environment, ".caches[" + cache + "]") || isSaid(environment, ".defaults");
            return said ? (name, settings) -> {} : new AnswerLoadTimeout(cache);
        }

        private static boolean isSaid(Environment environment, String group) {
            return Binder.get(environment)
                    .bind(TinyLlmCacheProperties.PREFIX + group + ".load-timeout", Duration.class)
                    .isBound();
        }

        @Bean
        BypassRule tinyLlmCacheUnstoredAnswers() {
            return new UnstoredAnswers();
        }

        @Bean
        AnswerTags tinyLlmCacheAnswerTags() {
            return new AnswerTags();
        }

        @Bean
        AnswerTimeToLive tinyLlmCacheAnswerTimeToLive() {
            return new AnswerTimeToLive();
        }

        @Bean
        @ConditionalOnMissingBean
        CachingAdvisor cachingAdvisor(
                TinyLlmCacheProperties properties,
                AnswerCaches caches,
                ObjectProvider<TenantResolver> tenants,
                ConfigurableListableBeanFactory beans) {
            return new CachingAdvisor(
                    name(properties),
                    properties.getLlm().getMode(),
                    properties.getLlm().getUsageOnHit(),
                    caches,
                    beans,
                    tenants.orderedStream().toList(),
                    Clock.systemUTC(),
                    System::nanoTime);
        }

        @Bean
        ChatClientBuilderCustomizer tinyLlmCacheChatClientCustomizer(CachingAdvisor advisor) {
            return builder -> builder.defaultAdvisors(advisor);
        }

        /** The cache is there from the start, and what it holds can be read back. */
        @Bean
        SmartInitializingSingleton tinyLlmCacheAnswers(
                ObjectProvider<CacheManager> manager,
                ObjectProvider<ValueTypes> types,
                TinyLlmCacheProperties properties) {
            types.ifAvailable(known -> known.allow(StoredAnswer.class));
            return () -> {
                String cache = name(properties);
                if (manager.getObject().getCache(cache) == null) {
                    throw new InvalidCacheSettingException(
                            PREFIX + ".cache",
                            cache,
                            "the name of a cache in spring.cache.cache-names, which is a closed list",
                            "Add the name to that list, or remove the list.");
                }
            };
        }

        private static String name(TinyLlmCacheProperties properties) {
            return Objects.requireNonNull(properties.getLlm().getCache());
        }
    }

    /** There are no models to ask. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("org.springframework.ai.chat.client.ChatClient")
    static class NoModelsConfiguration {

        NoModelsConfiguration(TinyLlmCacheProperties properties) {
            throw new InvalidCacheSettingException(
                    PREFIX + ".cache",
                    properties.getLlm().getCache(),
                    "a name only with Spring AI on the class path",
                    "Add a starter of Spring AI such as org.springframework.ai:spring-ai-starter-model-ollama, "
                            + "or remove the property.");
        }
    }
}
