package io.tinyllm.cache.write;

import io.tinyllm.cache.BackingStore;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** The behaviour of a store when its cache is cleared. */
enum Clearing {
    /** It is cleared as well. */
    CLEARS,
    /** Nothing. */
    KEEPS,
    /** It stands behind a proxy that does not tell. */
    UNKNOWN;

    static Clearing of(BackingStore<?, ?> store) {
        Class<?> type = store.getClass();
        Class<?> target = targetOf(store);
        if (target == null && !Proxy.isProxyClass(type)) {
            target = type;
            while (target.getSuperclass() != null && target.getName().contains("$$")) {
                // a generated class overrides everything
                target = target.getSuperclass();
            }
        }
        if (target == null) {
            return overrides(type.getInterfaces()) ? CLEARS : UNKNOWN;
        }
        return overrides(target) ? CLEARS : KEEPS;
    }

    /** Proxies of Spring tell the class of what stands behind them. */
    private static @Nullable Class<?> targetOf(BackingStore<?, ?> store) {
        for (Class<?> each : store.getClass().getInterfaces()) {
            try {
                Method method = each.getMethod("getTargetClass");
                if (method.getReturnType() == Class.class && method.invoke(store) instanceof Class<?> target) {
                    return Proxy.isProxyClass(target) ? null : target;
                }
            } catch (ReflectiveOperationException | RuntimeException notOfThisKind) {
                continue;
            }
        }
        return null;
    }

    private static boolean overrides(Class<?>... types) {
        for (Class<?> type : types) {
            try {
                if (type.getMethod("clear").getDeclaringClass() != BackingStore.class) {
                    return true;
                }
            } catch (NoSuchMethodException another) {
                continue;
            }
        }
        return false;
    }
}
