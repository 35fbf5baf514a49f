package io.tinyllm.cache.autoconfigure;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.tinyllm.cache.BypassRule;
import io.tinyllm.cache.CacheCustomizer;
import io.tinyllm.cache.TenantResolver;
import io.tinyllm.cache.actuate.CacheAnalyticsEndpoint;
import io.tinyllm.cache.autoconfigure.LlmProperties.ModelPrice;
import io.tinyllm.cache.codec.ValueTypes;
import io.tinyllm.cache.core.port.TtlPolicy;
import io.tinyllm.cache.llm.AnswerMode;
import io.tinyllm.cache.llm.StoredAnswer;
import io.tinyllm.cache.llm.ledger.AnswerLedgers;
import io.tinyllm.cache.llm.ledger.BackgroundBudget;
import io.tinyllm.cache.llm.ledger.Price;
import io.tinyllm.cache.llm.ledger.PriceList;
import io.tinyllm.cache.metrics.ledger.LedgerMeters;
import io.tinyllm.cache.settings.InvalidCacheSettingException;
import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.springai.AnswerCaches;
import io.tinyllm.cache.springai.AnswerLoadTimeout;
import io.tinyllm.cache.springai.AnswerTags;
import io.tinyllm.cache.springai.AnswerTimeToLive;
import io.tinyllm.cache.springai.CachingAdvisor;
import io.tinyllm.cache.springai.EmbeddingsPostProcessor;
import io.tinyllm.cache.springai.UnstoredAnswers;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
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
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of the caches of what language models answer, and of the vectors of embedding models, where there
 * is Spring AI and a name for such a cache.
 */
@AutoConfiguration(after = TinyLlmCacheAutoConfiguration.class)
@ConditionalOnBean(name = TinyLlmCacheAutoConfiguration.REGISTRY)
public final class TinyLlmCacheLlmAutoConfiguration {

    static final String PREFIX = TinyLlmCacheProperties.PREFIX + ".llm";

    TinyLlmCacheLlmAutoConfiguration(TinyLlmCacheProperties properties) {
        LlmSettingsCheck.check(properties.getLlm());
    }

    /** The needs of both caches: their settings, and the ledgers. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfAny.class)
    @ConditionalOnClass(ChatClient.class)
    static class LedgerConfiguration {

        @Bean
        AnswerCaches tinyLlmCacheAnswerCaches(ObjectProvider<CacheManager> manager) {
            return new AnswerCaches(manager::getObject);
        }

        @Bean
        AnswerLedgers tinyLlmCacheAnswerLedgers(TinyLlmCacheProperties properties) {
            LlmProperties llm = properties.getLlm();
            Map<String, Price> prices = new LinkedHashMap<>();
            llm.getPrices().forEach((pattern, price) -> prices.put(pattern, price(price)));
            LlmSettingsCheck.Budget budget = LlmSettingsCheck.budget(llm.getBackgroundBudget());
            return new AnswerLedgers(
                    llm.getCurrency(),
                    new PriceList(prices),
                    budget == null
                            ? BackgroundBudget.unlimited()
                            : BackgroundBudget.of(
                                    budget.amount(), TtlPolicy.saturatedNanos(budget.period()), System::nanoTime),
                    System::nanoTime);
        }

        private static Price price(ModelPrice price) {
            return Price.perMillion(
                    price.getInput(),
                    price.getOutput(),
                    Objects.requireNonNullElse(price.getCachedInput(), price.getInput()),
                    Objects.requireNonNullElse(price.getCacheWrite(), price.getInput()),
                    price.isCachedInputIncluded());
        }

        /** The gate of background loads, too. */
        @Bean
        AnswerTiers tinyLlmCacheAnswerTiers(ObjectProvider<CacheRegistry> registry, AnswerLedgers ledgers) {
            return new AnswerTiers(
                    name -> {
                        CacheRegistry caches = registry.getIfAvailable();
                        return caches == null ? null : caches.find(name);
                    },
                    ledgers);
        }
    }

    /** The ledgers in the endpoint. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfAny.class)
    @ConditionalOnClass({ChatClient.class, Endpoint.class})
    static class ReportConfiguration {

        @Bean
        CacheAnalyticsEndpoint.AnswersReport tinyLlmCacheAnswersReport(AnswerLedgers ledgers) {
            return ledgers::report;
        }
    }

    /** The ledgers as meters. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfAny.class)
    @ConditionalOnClass({ChatClient.class, MeterBinder.class})
    static class MetersConfiguration {

        @Bean
        LedgerMeters tinyLlmCacheLedgerMeters(AnswerLedgers ledgers) {
            return new LedgerMeters(ledgers);
        }
    }

    /** The cache of vectors. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfEmbeddings.class)
    @ConditionalOnClass(ChatClient.class)
    static class EmbeddingsConfiguration {

        @Bean
        @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
        static EmbeddingsPostProcessor tinyLlmCacheEmbeddings(
                Environment environment,
                ObjectProvider<AnswerCaches> caches,
                ObjectProvider<AnswerLedgers> ledgers,
                ObjectProvider<TenantResolver> tenants,
                ListableBeanFactory beans) {
            Binder binder = Binder.get(environment);
            return new EmbeddingsPostProcessor(
                    binder.bind(PREFIX + ".embeddings", String.class).get(),
                    binder.bind(PREFIX + ".mode", AnswerMode.class).orElse(AnswerMode.CACHE),
                    caches::getObject,
                    ledgers::getObject,
                    () -> tenants.orderedStream().toList(),
                    beans);
        }

        @Bean
        SmartInitializingSingleton tinyLlmCacheEmbeddingsAtStart(
                ObjectProvider<CacheManager> manager, TinyLlmCacheProperties properties) {
            return () -> mustExist(
                    manager.getObject(),
                    "embeddings",
                    Objects.requireNonNull(properties.getLlm().getEmbeddings()));
        }
    }

    private static void mustExist(CacheManager manager, String property, String cache) {
        if (manager.getCache(cache) == null) {
            throw new InvalidCacheSettingException(
                    PREFIX + "." + property,
                    cache,
                    "the name of a cache in spring.cache.cache-names, which is a closed list",
                    "Add the name to that list, or remove the list.");
        }
    }

    /** The cache of answers, and the advisor over it. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfAnswers.class)
    @ConditionalOnClass(ChatClient.class)
    static class CacheConfiguration {

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
                AnswerLedgers ledgers,
                AnswerTiers tiers,
                ConfigurableListableBeanFactory beans) {
            return new CachingAdvisor(
                    name(properties),
                    properties.getLlm().getMode(),
                    properties.getLlm().getUsageOnHit(),
                    caches,
                    beans,
                    tenants.orderedStream().toList(),
                    ledgers,
                    tiers,
                    Clock.systemUTC(),
                    System::nanoTime);
        }

        @Bean
        ChatClientBuilderCustomizer tinyLlmCacheChatClientCustomizer(CachingAdvisor advisor) {
            return builder -> builder.defaultAdvisors(advisor);
        }

        /** The cache is there from the start, what it holds can be read back, and its figures begin at zero. */
        @Bean
        SmartInitializingSingleton tinyLlmCacheAnswers(
                ObjectProvider<CacheManager> manager,
                ObjectProvider<ValueTypes> types,
                AnswerLedgers ledgers,
                TinyLlmCacheProperties properties) {
            types.ifAvailable(known -> known.allow(StoredAnswer.class));
            return () -> {
                mustExist(manager.getObject(), "cache", name(properties));
                ledgers.of(name(properties));
            };
        }

        private static String name(TinyLlmCacheProperties properties) {
            return Objects.requireNonNull(properties.getLlm().getCache());
        }
    }

    /** There are no models to ask. */
    @Configuration(proxyBeanMethods = false)
    @Conditional(OnNames.OfAny.class)
    @ConditionalOnMissingClass("org.springframework.ai.chat.client.ChatClient")
    static class NoModelsConfiguration {

        NoModelsConfiguration(TinyLlmCacheProperties properties) {
            String cache = properties.getLlm().getCache();
            boolean answers = cache != null && !cache.isBlank();
            throw new InvalidCacheSettingException(
                    PREFIX + (answers ? ".cache" : ".embeddings"),
                    answers ? cache : properties.getLlm().getEmbeddings(),
                    "a name only with Spring AI on the class path",
                    "Add a starter of Spring AI such as org.springframework.ai:spring-ai-starter-model-ollama, "
                            + "or remove the property.");
        }
    }
}
