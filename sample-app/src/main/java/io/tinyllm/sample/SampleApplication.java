package io.tinyllm.sample;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * The running example. Caching needs nothing here: the starter on the class path switches it on, {@link
 * CompletionService} says what is cached and {@code application.yml} says how.
 */
@SpringBootApplication
public class SampleApplication {

    public static void main(String[] args) {
        SpringApplication.run(SampleApplication.class, args);
    }
}
