package io.tinyllm.cache.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.autoconfigure.TinyLlmCacheAutoConfiguration;
import java.io.File;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Applications that a server deploys and undeploys, while the threads that call them live on. */
class RedeploymentTests {

    private static final int DEPLOYMENTS = Integer.getInteger("tinyllm.test.deployments", 4);

    /** In a JVM of its own that gives up what is only softly held at once, such as what Spring has looked up. */
    @Test
    void theClassLoaderOfAnApplicationThatWasClosedIsGone() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-Dtinyllm.test.deployments=" + DEPLOYMENTS,
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Server.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("answered: " + 4 * DEPLOYMENTS + ", left: 0");
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
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int i = 0; i < DEPLOYMENTS; i++) {
                loaders.add(deployCallAndClose(callers));
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

        private static WeakReference<ClassLoader> deployCallAndClose(ExecutorService callers) throws Exception {
            ClassLoader parent = Server.class.getClassLoader();
            ClassLoader loader = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
            Callable<?> application = (Callable<?>) loader.loadClass(Application.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
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

    private record Last(Thread part) {}

    /** Starts an application, and answers what calls and closes it. */
    public static final class Application implements Callable<Object> {

        @Override
        public Object call() {
            ConfigurableApplicationContext context = new SpringApplicationBuilder(Beans.class)
                    .web(WebApplicationType.NONE)
                    .logStartupInfo(false)
                    .registerShutdownHook(false)
                    .properties("spring.main.banner-mode=off")
                    .run();
            return new Call(context);
        }
    }

    /** Calls a cached method. */
    public record Call(ConfigurableApplicationContext context) implements Callable<Object>, AutoCloseable {

        @Override
        public Object call() {
            return context.getBean(Model.class).answer("question");
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
    }

    /** Something that is cached. */
    public static class Model {

        @Cacheable("answers")
        public String answer(String question) {
            return "answer";
        }
    }
}
