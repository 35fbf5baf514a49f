package io.tinyllm.cache.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.cache.autoconfigure.metrics.CacheMetricsAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.util.ClassUtils;

/** What the start of an application with defaults costs, in classes and threads, which take the same every time. */
class StartTests {

    private static final String OURS = ClassUtils.getPackageName(Outcome.class) + ".";

    /**
     * Of features that are off, what says so and what the signatures of that name: all else of their packages waits for
     * whoever uses them.
     */
    private static final Map<String, Set<String>> OFF = Map.ofEntries(
            Map.entry(
                    "codec",
                    Set.of("NotShared", "KeyCodec", "ValueCodec", "ValueTypes", "ClassAccess", "EntryCodec", "Fault")),
            Map.entry("disk", Set.of()),
            Map.entry("limit", Set.of("LoadLimit")),
            Map.entry("llm", Set.of("AnswerMode", "UsageOnHit")),
            Map.entry("negative", Set.of("CaffeineNegativeCache")),
            Map.entry("prefetch", Set.of("Prefetcher", "PrefetchOptions", "PrefetchTarget", "Invocations", "Sessions")),
            Map.entry("redis", Set.of("RedisBackends", "RedisBackend", "RedisEndpoint")),
            Map.entry(
                    "remote",
                    Set.of(
                            "BackendGuard",
                            "GuardedRemoteTier",
                            "LeaseStore",
                            "RemoteFailure",
                            "RemoteStore",
                            "ReplicaTier",
                            "ReplicatedRemoteTier",
                            "TierOptions")),
            Map.entry("snapshot", Set.of("Snapshots")),
            Map.entry("springai", Set.of()),
            Map.entry("ttl", Set.of("TtlTuning", "TtlOptimizer")),
            Map.entry("write", Set.of("StoreWriter", "DirtyBytes")));

    private static final int MOST_CLASSES = 340;

    private static List<String> loaded = List.of();
    private static Set<String> threads = Set.of();

    @BeforeAll
    @SuppressWarnings("unchecked")
    static void start() throws Exception {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        Recording loader = new Recording(before);
        caller.setContextClassLoader(loader);
        try {
            var start = (Callable<Set<String>>) loader.loadClass(Start.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            threads = start.call();
        } finally {
            caller.setContextClassLoader(before);
        }
        loaded = loader.defined.stream()
                .filter(name -> !name.contains("StartTests"))
                .map(name -> name.substring(OURS.length()))
                .toList();
    }

    @Test
    void noClassOfAFeatureThatIsOffIsLoadedBeyondTheOneThatSaysSo() {
        Map<String, Set<String>> ofFeatures = loaded.stream()
                .filter(name -> name.indexOf('.') > 0 && OFF.containsKey(name.substring(0, name.indexOf('.'))))
                .collect(Collectors.groupingBy(
                        name -> name.substring(0, name.indexOf('.')),
                        Collectors.mapping(StartTests::topLevel, Collectors.toCollection(TreeSet::new))));
        ofFeatures.values().forEach(names -> names.removeIf(name -> name.endsWith("Exception")));
        assertThat(ofFeatures).isNotEmpty();
        ofFeatures.forEach((feature, names) -> assertThat(names).as(feature).isSubsetOf(OFF.get(feature)));
    }

    @Test
    void theClassesAreFew() {
        assertThat(loaded)
                .contains("core.TieredCache", "spring.TinyLlmCacheInterceptor", "metrics.CacheMeters")
                .hasSizeLessThan(MOST_CLASSES);
    }

    @Test
    void thereAreTwoThreadsMore() {
        assertThat(threads).containsExactlyInAnyOrder("tinyllm-cache-clock", "tinyllm-cache-control");
    }

    private static String topLevel(String name) {
        String simple = name.substring(name.lastIndexOf('.') + 1);
        int nested = simple.indexOf('$');
        return nested < 0 ? simple : simple.substring(0, nested);
    }

    /** Defines the classes of this library anew, and takes note of each. */
    private static final class Recording extends ClassLoader {

        private final Queue<String> defined = new ConcurrentLinkedQueue<>();

        Recording(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OURS)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? define(name) : known;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                defined.add(name);
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Starts an application, has it cache something, and answers which of its threads are ours. */
    public static final class Start implements Callable<Set<String>> {

        @Override
        public Set<String> call() {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .resourceLoader(
                            new DefaultResourceLoader(Thread.currentThread().getContextClassLoader()))
                    .properties("spring.main.banner-mode=off", "logging.level.root=warn", "spring.data.redis.port=1")
                    .run()) {
                context.getBean(Service.class).find("first");
                return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !before.contains(thread))
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("tinyllm-cache"))
                        .collect(Collectors.toSet());
            }
        }
    }

    /** With everything on the class path, Redis too, and no setting. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        TinyLlmCacheAutoConfiguration.class,
        TinyLlmCacheBackOffAutoConfiguration.class,
        TinyLlmCacheMetricsAutoConfiguration.class,
        TinyLlmCacheEndpointsAutoConfiguration.class,
        TinyLlmCacheHealthAutoConfiguration.class,
        TinyLlmCacheLlmAutoConfiguration.class,
        CacheMetricsAutoConfiguration.class,
        MetricsAutoConfiguration.class,
        SimpleMetricsExportAutoConfiguration.class,
        DataRedisAutoConfiguration.class
    })
    static class Application {

        @Bean
        Service service() {
            return new Service();
        }
    }

    static class Service {

        @Cacheable("things")
        public Object find(String key) {
            return key;
        }
    }
}
