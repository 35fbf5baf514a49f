package io.tinyllm.cache.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tinyllm.cache.StoredForm;
import io.tinyllm.cache.codec.ValueCodec.Encoded;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class StoredFormTests {

    static final class Account {
        final ReentrantLock lock = new ReentrantLock();
        final String owner;

        Account(String owner) {
            this.owner = owner;
        }
    }

    record Form<T>(Class<T> type, Function<T, Object> write, Function<Object, T> read) implements StoredForm<T> {
        Form {
            type.getName();
        }

        @Override
        public Object write(T value) {
            return write.apply(value);
        }

        @Override
        public T read(Object form) {
            return read.apply(form);
        }
    }

    private static final StoredForm<Account> ACCOUNTS =
            new Form<>(Account.class, account -> account.owner, form -> new Account((String) form));

    private static ValueCodec codec(StoredForm<?>... forms) {
        ValueTypes types = new ValueTypes(Set.of(), StoredFormTests.class.getClassLoader());
        return new ValueCodec(types, ValueLimits.DEFAULT, List.of(forms));
    }

    @Test
    void aTypeWithoutAStoredFormGetsOneWhereverItOccurs() {
        ValueCodec codec = codec(ACCOUNTS);
        Account account = new Account("ann");
        Map<String, Object> value = new HashMap<>();
        value.put("list", new ArrayList<>(List.of(account, account)));
        value.put("alone", account);
        Encoded encoded = codec.encode("c", value);
        Map<?, ?> copy = (Map<?, ?>) codec.decode("c", "", encoded.json()).value();
        Account read = (Account) copy.get("alone");
        assertThat(read.owner).isEqualTo("ann");
        assertThat(read.lock).isNotNull();
        assertThat((List<?>) copy.get("list")).allMatch(each -> each == read).hasSize(2);
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> codec().encode("c", account))
                .withMessageContaining("ReentrantLock");
        assertThat(codec().decode("c", "", encoded.json()).fault()).isEqualTo(Fault.TYPE_NOT_ALLOWED);
    }

    @Test
    @SuppressWarnings("rawtypes")
    void theFormOfAnInterfaceIsThatOfAllThatImplementItAndHaveNone() {
        ValueCodec codec = codec(new Form<>(Supplier.class, Supplier::get, form -> () -> form), ACCOUNTS);
        Supplier<String> lambda = () -> "x";
        Supplier<?> copy = (Supplier<?>)
                codec.decode("c", "", codec.encode("c", lambda).json()).value();
        assertThat(copy.get()).isEqualTo("x");
    }

    @Test
    void aFormThatFailsCostsItsValueAlone() {
        ValueCodec fails = codec(new Form<>(
                Account.class,
                account -> {
                    throw new IllegalStateException("secret");
                },
                form -> null));
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> fails.encode("c", new Account("a")))
                .withMessageContaining("IllegalStateException")
                .withMessageNotContaining("secret");
        ValueCodec none = codec(new Form<>(Account.class, account -> null, form -> null));
        assertThatExceptionOfType(UnsupportedValueException.class).isThrownBy(() -> none.encode("c", new Account("a")));
        ValueCodec itself = codec(new Form<>(Account.class, account -> account, form -> null));
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> itself.encode("c", new Account("a")));
        ValueCodec endless = codec(new Form<>(Account.class, account -> new Account("a"), form -> null));
        assertThatExceptionOfType(UnsupportedValueException.class)
                .isThrownBy(() -> endless.encode("c", new Account("a")));
        byte[] json = codec(ACCOUNTS).encode("c", new Account("a")).json();
        for (Function<Object, Account> read : List.<Function<Object, Account>>of(form -> null, form -> {
            throw new IllegalStateException();
        })) {
            assertThat(codec(new Form<>(Account.class, account -> "", read))
                            .decode("c", "", json)
                            .fault())
                    .isEqualTo(Fault.UNREADABLE);
        }
        assertThat(new String(json, StandardCharsets.UTF_8))
                .isEqualTo("{\"stored " + Account.class.getName() + "\":\"a\"}");
    }

    @Test
    void twoFormsOfOneTypeAndFormsOfTypesThatHaveOneAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(ACCOUNTS, ACCOUNTS))
                .withMessageContaining("Two StoredForms are of " + Account.class.getName());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> codec(new Form<>(String.class, s -> s, s -> "")))
                .withMessageContaining("java.lang.String, which has a stored form of its own");
        assertThatIllegalArgumentException().isThrownBy(() -> codec(new Form<>(Object.class, s -> s, s -> "")));
    }
}
