package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.spring.DeclaredCaches;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;

/**
 * The caches that an application turns out to need once its beans are known: those that its annotations name are made, so
 * that they are connected and restored before it is ready, and its {@link Cache} beans serve their names.
 */
final class CachesAtStart implements SmartLifecycle {

    private final CacheRegistry registry;
    private final StartReport report;
    private final ListableBeanFactory beans;
    private final Environment environment;
    private volatile boolean running;

    CachesAtStart(CacheRegistry registry, StartReport report, ListableBeanFactory beans, Environment environment) {
        this.registry = registry;
        this.report = report;
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    public void start() {
        // The manager first, which makes the caches that are listed: nothing has asked for it where beans are lazy.
        beans.getBeanProvider(CacheManager.class).getIfUnique();
        if (registry.isManaged()) {
            report.begin(IgnoredSettings.find(environment, beans));
            beans.getBeanProvider(Cache.class).orderedStream().forEach(this::serve);
            if (registry.isOpen()) {
                beans.getBeanProvider(CacheOperationSource.class)
                        .orderedStream()
                        .forEach(source -> registry.create(DeclaredCaches.names(beans, source)));
            }
        }
        running = true;
    }

    private void serve(Cache cache) {
        if (!CacheRegistry.isOwn(cache) && registry.serve(cache)) {
            report.served(cache);
        }
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the caches are restored. */
    @Override
    public int getPhase() {
        return CacheLifecycle.PHASE - 1;
    }
}
