package io.tinyllm.cache.negative;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns a failure into what answers later callers with it.
 *
 * <p>A type that holds nothing but a message is made anew for each of them, with their own stack, so that nothing of
 * the first caller is retained and nobody adds to another's exception. A type with state of its own, such as a status
 * code that a caller reads, is thrown as it was: the state would be lost.
 */
final class FailureCopier {

    private FailureCopier() {}

    /** A supplier of a failure for each caller. */
    static Supplier<Throwable> copies(Throwable failure) {
        String message = failure.getMessage();
        Constructor<? extends Throwable> constructor = constructor(failure.getClass());
        if (constructor == null) {
            return () -> failure;
        }
        boolean takesMessage = constructor.getParameterCount() == 1;
        Throwable trial = create(constructor, takesMessage, message);
        // A constructor may well make a message of its argument.
        if (trial == null || !Objects.equals(trial.getMessage(), message)) {
            return () -> failure;
        }
        return () -> {
            Throwable copy = create(constructor, takesMessage, message);
            return copy == null ? trial : copy;
        };
    }

    private static @Nullable Throwable create(
            Constructor<? extends Throwable> constructor, boolean takesMessage, @Nullable String message) {
        try {
            return takesMessage ? constructor.newInstance(message) : constructor.newInstance();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return null;
        }
    }

    private static @Nullable Constructor<? extends Throwable> constructor(Class<? extends Throwable> type) {
        if (!Modifier.isPublic(type.getModifiers()) || hasState(type)) {
            return null;
        }
        try {
            return type.getConstructor(String.class);
        } catch (NoSuchMethodException e) {
            try {
                return type.getConstructor();
            } catch (NoSuchMethodException none) {
                return null;
            }
        }
    }

    private static boolean hasState(Class<?> type) {
        for (Class<?> c = type; c != null && c != Throwable.class; c = c.getSuperclass()) {
            for (Field field : c.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    return true;
                }
            }
        }
        return false;
    }
}
