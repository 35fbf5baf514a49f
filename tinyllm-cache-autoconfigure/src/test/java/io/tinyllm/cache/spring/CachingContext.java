package io.tinyllm.cache.spring;

import io.tinyllm.cache.CacheSettings;
import io.tinyllm.cache.assembly.CacheAssembler;
import io.tinyllm.cache.assembly.Extensions;
import io.tinyllm.cache.core.TieredCache;
import io.tinyllm.cache.settings.CacheDefinition;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;

/** An application with our caches, whose time the test moves and whose background loads it runs. */
final class CachingContext implements AutoCloseable {

    private final AtomicLong now = new AtomicLong(1_000_000_000L);
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final TinyLlmCacheManager manager;

    CachingContext(Consumer<CacheSettings> customizer, Extensions extensions, Executor background, Class<?>... beans) {
        CacheAssembler assembler =
                new CacheAssembler(now::get, Runnable::run, background, TinyLlmCache.entryFactory(), extensions);
        manager = new TinyLlmCacheManager(
                name -> {
                    CacheSettings settings = new CacheSettings();
                    customizer.accept(settings);
                    settings.validate("test");
                    return assembler.assemble(new CacheDefinition(name, "test", settings));
                },
                true);
        context.registerBean(CacheManager.class, () -> manager);
        context.registerBean(CacheInterceptorReplacer.class, () -> new CacheInterceptorReplacer());
        context.register(Caching.class);
        context.register(beans);
        context.refresh();
    }

    CachingContext(Consumer<CacheSettings> customizer, Class<?>... beans) {
        this(customizer, Extensions.NONE, Runnable::run, beans);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    Cache cache(String name) {
        return manager.getCache(name);
    }

    TieredCache tiered(String name) {
        return (TieredCache) cache(name).getNativeCache();
    }

    void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Override
    public void close() {
        context.close();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableCaching
    static class Caching {}
}
