package io.tinyllm.cache.autoconfigure;

import io.tinyllm.cache.CacheLoader;
import io.tinyllm.cache.spring.CacheRegistry;
import io.tinyllm.cache.spring.DeclaredCaches;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.interceptor.AbstractCacheResolver;
import org.springframework.cache.interceptor.CacheInterceptor;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/**
 * The caches that an application turns out to need once its beans are known: those that its annotations name are made,
 * so that they are connected and restored before it is ready, and its {@link Cache} beans serve their names.
 */
final class CachesAtStart implements SmartLifecycle {

    private final CacheRegistry registry;
    private final StartReport report;
    private final ListableBeanFactory beans;
    private final Environment environment;
    private final Runnable onMade;
    private volatile boolean running;

    /**
     * Creates it.
     * @param registry makes the caches
     * @param report tells of them
     * @param beans the application
     * @param environment its properties
     * @param onMade runs once the caches are made that are known at the start
     */
    CachesAtStart(
            CacheRegistry registry,
            StartReport report,
            ListableBeanFactory beans,
            Environment environment,
            Runnable onMade) {
        this.registry = registry;
        this.report = report;
        this.beans = beans;
        this.environment = environment;
        this.onMade = onMade;
    }

    @Override
    public void start() {
        // The manager first, which makes the caches that are listed: nothing has asked for it where beans are lazy.
        beans.getBeanProvider(CacheManager.class).getIfUnique();
        CacheManager other = otherManager();
        if (other != null) {
            report.unused(other);
        } else if (registry.isManaged()) {
            // Found only where somebody asks.
            SingletonSupplier<Set<String>> declared = SingletonSupplier.of(this::declared);
            report.begin(
                    IgnoredSettings.find(environment, beans),
                    new SettingsAdvice(name -> declared.obtain().contains(name) || hasLoader(name)));
            beans.getBeanProvider(Cache.class).orderedStream().forEach(this::serve);
            if (registry.isOpen()) {
                registry.create(declared.obtain());
            }
        }
        onMade.run();
        running = true;
    }

    /** The names of the caches that annotations name. */
    private Set<String> declared() {
        Set<String> names = new TreeSet<>();
        beans.getBeanProvider(CacheOperationSource.class)
                .orderedStream()
                .forEach(source -> names.addAll(DeclaredCaches.names(beans, source)));
        return names;
    }

    private boolean hasLoader(String name) {
        return beans.getBeanProvider(CacheLoader.class).stream()
                .anyMatch(loader -> loader.cacheNames().contains(name));
    }

    /** The manager that a configurer of the application has chosen for its cached methods, where it is no bean. */
    private @Nullable CacheManager otherManager() {
        CacheInterceptor interceptor =
                beans.getBeanProvider(CacheInterceptor.class).getIfUnique();
        if (interceptor == null || !(interceptor.getCacheResolver() instanceof AbstractCacheResolver resolver)) {
            return null;
        }
        CacheManager chosen = resolver.getCacheManager();
        return beans.getBeanProvider(CacheManager.class).stream().anyMatch(bean -> bean == chosen) ? null : chosen;
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
