package io.tinyllm.cache.spring;

import io.tinyllm.cache.codec.Composite;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collections;
import org.springframework.cache.interceptor.SimpleKey;

/**
 * How Spring's {@link SimpleKey} is taken apart. Its parameters have no accessor and its text is ambiguous, so they are
 * read from the field, which is there since Spring 3.1 and open since Spring's jars are no modules. Stateless.
 */
public final class SimpleKeys {

    private static final VarHandle PARAMS = params();

    private SimpleKeys() {}

    /** The composite to construct a key codec with. */
    public static Composite<SimpleKey> composite() {
        return new Composite<>(
                "SK",
                SimpleKey.class,
                key -> Collections.unmodifiableList(Arrays.asList((Object[]) PARAMS.get(key))),
                parts -> new SimpleKey(parts.toArray()));
    }

    private static VarHandle params() {
        try {
            return MethodHandles.privateLookupIn(SimpleKey.class, MethodHandles.lookup())
                    .findVarHandle(SimpleKey.class, "params", Object[].class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SimpleKey of this release of Spring keeps no params", e);
        }
    }
}
