package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.internal.PlatformDependent;
import io.tinyllm.cache.BackingStore;
import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import io.tinyllm.cache.redis.RedisProcess;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.asm.ClassReader;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cglib.core.ClassNameReader;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Applications that a server deploys and undeploys, while the threads that call them live on. */
class RedeploymentTests {

    private static final int DEPLOYMENTS = Integer.getInteger("tinyllm.test.deployments", 4);

    @TempDir
    Path directory;

    /** In a JVM of its own that gives up what is only softly held at once, such as what Spring has looked up. */
    @Test
    void theClassLoaderOfAnApplicationThatWasClosedIsGone() throws Exception {
        assertThat(undeployed()).contains("answered: " + 4 * DEPLOYMENTS + ", left: 0");
    }

    /** The library lies with the server, as do all others, and has seen the classes of each application. */
    @Test
    void soItIsWhereTheServerHasTheLibraryAndTheApplicationUsesRedisAJournalSnapshotsAndPrefetching() throws Exception {
        try (RedisProcess redis = RedisProcess.start();
                RedisProcess replica = RedisProcess.start()) {
            assertThat(undeployed("" + redis.port(), "" + replica.port(), directory.toString()))
                    .contains("answered: " + 4 * DEPLOYMENTS + ", left: 0");
            List<String> keys = redis.call(commands -> commands.keys("*"));
            assertThat(keys).isNotEmpty();
        }
    }

    private static String undeployed(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:SoftRefLRUPolicyMSPerMB=0",
                "-Dtinyllm.test.deployments=" + DEPLOYMENTS,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Server.class.getName()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("redeployments", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(5 + DEPLOYMENTS, TimeUnit.MINUTES);
            assertThat(ended).as(Files.readString(output)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(output);
        }
    }

    /** Deploys, has its threads call, and undeploys. */
    static final class Server {

        private static int answered;

        private Server() {}

        public static void main(String[] args) throws Exception {
            ExecutorService callers = Executors.newFixedThreadPool(2);
            for (int i = 0; i < 2; i++) {
                callers.submit(() -> {}).get();
            }
            // Spring and Netty keep exceptions, with the stack of when they were made: here of the server's doing. The
            // last is the one in which Netty says, from Java 25 on, why it does without Unsafe.
            ClassNameReader.getClassName(new ClassReader(Server.class.getName()));
            answered += ImmediateEventExecutor.INSTANCE.isShutdown()
                            || GlobalEventExecutor.INSTANCE.isShutdown()
                            || PlatformDependent.isAndroid()
                    ? 1
                    : 0;
            // Spring Boot keeps one converter of properties, with the class loader of whoever was the first to bind
            // one.
            answered += new Binder(new MapConfigurationPropertySource(Map.of("number", "0")))
                    .bind("number", Integer.class)
                    .get();
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < DEPLOYMENTS; i++) {
                loaders.add(deployCallAndClose(callers, properties(args)));
            }
            // The JDK remembers the type of the part of a record that was compared last, here one of the application's.
            answered += new Last(Thread.currentThread()).equals(new Last(null)) ? 1 : 0;
            long left = DEPLOYMENTS;
            for (int i = 0; i < 100 && left > 0; i++) {
                System.gc();
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                left = loaders.stream().filter(loader -> loader.get() != null).count();
            }
            System.out.println("answered: " + answered + ", left: " + left);
            callers.shutdown();
            System.exit(0);
        }

        /** Everything on, for an application whose server has the library; nothing for one that brings it along. */
        private static Map<String, Object> properties(String... args) {
            Map<String, Object> properties = new HashMap<>(Map.of("spring.main.banner-mode", "off"));
            // As in a server: the hook of Spring Boot's logging keeps the class loader until the JVM ends.
            properties.put("logging.register-shutdown-hook", "false");
            if (args.length > 0) {
                properties.put("spring.data.redis.port", args[0]);
                properties.put("tinyllm.cache.redis.replicas.other.url", "redis://127.0.0.1:" + args[1]);
                properties.put("tinyllm.cache.journal.directory", args[2] + "/journal");
                properties.put("tinyllm.cache.snapshots.directory", args[2] + "/snapshots");
                for (String group :
                        List.of("redis", "replication", "snapshot", "prefetch", "ttl-optimizer", "size-tuner")) {
                    properties.put("tinyllm.cache.caches.answers." + group + ".enabled", "true");
                }
                properties.put("tinyllm.cache.caches.answers.negative.enabled", "true");
                properties.put("tinyllm.cache.caches.answers.replication.replicas", "other");
                properties.put("tinyllm.cache.caches.answers.write.policy", "write-back");
            }
            return properties;
        }

        private static WeakReference<ClassLoader> deployCallAndClose(
                ExecutorService callers, Map<String, Object> properties) throws Exception {
            ClassLoader parent = Server.class.getClassLoader();
            ClassLoader loader = properties.containsKey("spring.data.redis.port")
                    ? new OwnClassesFirst(classPath(), parent)
                    : new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
            Callable<?> application = (Callable<?>) loader.loadClass(Application.class.getName())
                    .getDeclaredConstructor(Map.class)
                    .newInstance(properties);
            if (application.getClass().getClassLoader() != loader) {
                throw new IllegalStateException("No application of its own");
            }
            Thread.currentThread().setContextClassLoader(loader);
            try {
                Callable<?> call = (Callable<?>) application.call();
                for (int i = 0; i < 4; i++) {
                    answered += "answer".equals(callers.submit(call).get()) ? 1 : 0;
                }
                ((AutoCloseable) call).close();
            } finally {
                Thread.currentThread().setContextClassLoader(parent);
            }
            return new WeakReference<>(loader);
        }

        /** All that the application brings along, as a web archive does. */
        private static URL[] classPath() throws MalformedURLException {
            List<URL> urls = new ArrayList<>();
            for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
                urls.add(new File(path).toURI().toURL());
            }
            return urls.toArray(URL[]::new);
        }
    }

    /** As web applications have one: their own classes, all others of the server. */
    private static final class OwnClassesFirst extends URLClassLoader {

        private static final String OWN = RedeploymentTests.class.getName() + "$";

        OwnClassesFirst(URL[] urls, ClassLoader parent) {
            super(urls, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(OWN)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }
    }

    private record Last(Thread part) {}

    /** Starts an application, and answers what calls and closes it. */
    public static final class Application implements Callable<Object> {

        private final Map<String, Object> properties;

        public Application(Map<String, Object> properties) {
            this.properties = properties;
        }

        @Override
        public Object call() {
            ConfigurableApplicationContext context = new SpringApplicationBuilder(
                            properties.containsKey("spring.data.redis.port") ? BeansWithRedis.class : Beans.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .registerShutdownHook(false)
                    .properties(properties)
                    .run();
            return new Call(context);
        }
    }

    /** Calls a cached method. */
    public record Call(ConfigurableApplicationContext context) implements Callable<Object>, AutoCloseable {

        @Override
        public Object call() {
            waitWithoutThread();
            Object answer = context.getBean(Model.class).answer(new Question("question", 1));
            return ((Answer) answer).text();
        }

        /** One asynchronous caller waits for the load of another, for a limited time. */
        private void waitWithoutThread() {
            Cache cache =
                    Objects.requireNonNull(context.getBean(CacheManager.class).getCache("waits"));
            Question question = new Question("question " + System.nanoTime(), 2);
            CompletableFuture<Answer> loading = new CompletableFuture<>();
            CompletableFuture<Answer> first = cache.retrieve(question, () -> loading);
            CompletableFuture<Answer> second = cache.retrieve(question, () -> loading);
            loading.complete(new Answer("answer"));
            CompletableFuture.allOf(first, second).join();
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** The application. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(TinyLlmCacheAutoConfiguration.class)
    public static class Beans {

        @Bean
        Model model() {
            return new Model();
        }

        @Bean
        Rows rows() {
            return new Rows();
        }
    }

    /** The application, with a client of Redis. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({DataRedisAutoConfiguration.class, TinyLlmCacheAutoConfiguration.class})
    public static class BeansWithRedis extends Beans {}

    /** A store that has never heard of anything. */
    public static class Rows implements BackingStore<Question, Answer> {

        @Override
        public Set<String> cacheNames() {
            return Set.of("answers");
        }

        @Override
        public Answer load(Question key) {
            return null;
        }

        @Override
        public void writeAll(Map<Question, Answer> entries) {}

        @Override
        public void deleteAll(Collection<Question> keys) {}
    }

    /** A key that is the application's. */
    public record Question(String text, int number) {}

    /** A value that is the application's. */
    public record Answer(String text) {}

    /** Something that is cached. */
    public static class Model {

        @Cacheable("answers")
        public Answer answer(Question question) {
            return new Answer("answer");
        }
    }
}
