package io.tinyllm.cache.springai;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheLlmAutoConfiguration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaApiAutoConfiguration;
import org.springframework.ai.model.ollama.autoconfigure.OllamaChatAutoConfiguration;
import org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration;
import org.springframework.ai.retry.autoconfigure.SpringAiRetryAutoConfiguration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A small application with the starter, Spring AI for Ollama and a model server. */
final class AnswersApplication implements AutoCloseable {

    private final ConfigurableApplicationContext context;

    private AnswersApplication(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Starts it against a server with properties and more configuration. */
    static AnswersApplication start(String url, List<Class<?>> configuration, String... properties) {
        List<Class<?>> sources = new ArrayList<>(configuration);
        sources.add(Base.class);
        SpringApplication application = new SpringApplication(sources.toArray(Class[]::new));
        application.setWebApplicationType(WebApplicationType.NONE);
        List<String> all = new ArrayList<>(List.of(
                "spring.main.banner-mode=off",
                "spring.main.log-startup-info=false",
                "spring.ai.ollama.base-url=" + url,
                "spring.ai.ollama.chat.model=tiny",
                "spring.ai.retry.max-attempts=1",
                "tinyllm.cache.llm.cache=answers"));
        all.addAll(List.of(properties));
        return new AnswersApplication(
                application.run(all.stream().map(property -> "--" + property).toArray(String[]::new)));
    }

    static AnswersApplication start(ModelServer server, String... properties) {
        return start(server.url(), List.of(), properties);
    }

    /** A new client, made as an application makes it. */
    ChatClient client() {
        return context.getBean(ChatClient.Builder.class).build();
    }

    Cache cache() {
        return context.getBean(CacheManager.class).getCache("answers");
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    ConfigurableApplicationContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        TinyLlmCacheAutoConfiguration.class,
        TinyLlmCacheLlmAutoConfiguration.class,
        RestClientAutoConfiguration.class,
        WebClientAutoConfiguration.class,
        SpringAiRetryAutoConfiguration.class,
        ToolCallingAutoConfiguration.class,
        OllamaApiAutoConfiguration.class,
        OllamaChatAutoConfiguration.class,
        ChatClientAutoConfiguration.class
    })
    static class Base {}
}
