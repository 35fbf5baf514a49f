package io.tinyllm.cache.negative;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FailureCopierTests {

    @Test
    void aFailureThatIsOnlyAMessageIsMadeAnewForEveryCaller() {
        Throwable first = new FileNotFoundException("gone");
        Supplier<Throwable> copies = FailureCopier.copies(first);
        Throwable one = copies.get();
        Throwable two = copies.get();
        assertThat(one)
                .isExactlyInstanceOf(FileNotFoundException.class)
                .hasMessage("gone")
                .isNotSameAs(first);
        assertThat(two).isNotSameAs(one);
        assertThat(one.getSuppressed()).isEmpty();
        assertThat(one.getStackTrace()[0].getClassName()).doesNotContain("SomebodyElse");
    }

    @Test
    void aFailureWithoutAMessageKeepsNone() {
        assertThat(FailureCopier.copies(new NoSuchElementException()).get())
                .isExactlyInstanceOf(NoSuchElementException.class)
                .hasMessage(null);
    }

    @Test
    void aFailureWithStateOfItsOwnKeepsIt() {
        Throwable first = new WithStatus(429);
        assertThat(FailureCopier.copies(first).get()).isSameAs(first);
    }

    @Test
    void aFailureThatMakesAMessageOfItsArgumentIsThrownAsItWas() {
        Throwable first = new Decorated("tiny");
        assertThat(FailureCopier.copies(first).get()).isSameAs(first);
    }

    /** Carries a status. */
    public static final class WithStatus extends RuntimeException {

        private static final long serialVersionUID = 1L;

        final int status;

        public WithStatus(String message) {
            super(message);
            this.status = 0;
        }

        WithStatus(int status) {
            super("status " + status);
            this.status = status;
        }
    }

    /** Makes its own message. */
    public static final class Decorated extends RuntimeException {

        private static final long serialVersionUID = 1L;

        public Decorated(String model) {
            super("No model " + model);
        }
    }
}
