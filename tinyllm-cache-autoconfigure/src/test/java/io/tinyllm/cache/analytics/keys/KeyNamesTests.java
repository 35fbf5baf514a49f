package io.tinyllm.cache.analytics.keys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KeyNamesTests {

    private static final byte[] SALT = {1, 2, 3};

    @Test
    void hashedNamesTellKeysApartAndOnlyTheirLength() {
        KeyNames names = new KeyNames(ShowKeys.HASHED, SALT);
        assertThat(names.of("alice@example.org")).matches("[0-9a-f]{16}/17").isEqualTo(names.of("alice@example.org"));
        assertThat(names.of("alicf@example.org")).isNotEqualTo(names.of("alice@example.org"));
    }

    @Test
    void anotherSaltGivesOtherNames() {
        assertThat(new KeyNames(ShowKeys.HASHED, new byte[] {9}).of("a"))
                .isNotEqualTo(new KeyNames(ShowKeys.HASHED, SALT).of("a"));
    }

    @Test
    void plainNamesAreTheTextCutShort() {
        KeyNames names = new KeyNames(ShowKeys.PLAIN, SALT);
        assertThat(names.of(42)).isEqualTo("42");
        assertThat(names.of("x".repeat(1000))).hasSize(201);
    }

    @Test
    void neverMeansNoNameAtAll() {
        KeyNames names = new KeyNames(ShowKeys.NEVER, SALT);
        assertThat(names.isShown()).isFalse();
        assertThat(names.of("a")).isNull();
    }

    @Test
    void aKeyThatCannotBePrintedGetsTheNameOfItsClass() {
        Object key = new Unprintable();
        assertThat(new KeyNames(ShowKeys.PLAIN, SALT).of(key)).isEqualTo(Unprintable.class.getName());
    }

    private static final class Unprintable {

        @Override
        public String toString() {
            throw new IllegalStateException();
        }
    }
}
