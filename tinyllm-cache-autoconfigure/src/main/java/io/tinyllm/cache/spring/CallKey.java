package io.tinyllm.cache.spring;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.interceptor.CacheableOperation;
import org.springframework.cache.interceptor.KeyGenerator;
import org.springframework.cache.interceptor.SimpleKeyGenerator;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.util.StringUtils;

/**
 * How the key of a call is made from its arguments: the kinds of keys that need no expression evaluated. They are what
 * Spring would make. Implementations are thread-safe.
 */
interface CallKey {

    /** Makes none. */
    CallKey NONE = arguments -> null;

    /**
     * Returns the key of a call, or null where it is to be made by Spring.
     * @throws Throwable whatever code of the application throws
     */
    @Nullable
    Object of(@Nullable Object[] arguments) throws Throwable;

    /**
     * Returns how keys of an operation are made; null where only Spring can.
     * @param operation has a key, or none
     * @param method whose parameters have the names that the key uses
     * @param generator makes keys where the operation says none
     */
    static @Nullable CallKey of(CacheableOperation operation, Method method, @Nullable KeyGenerator generator) {
        if (StringUtils.hasText(operation.getKey())) {
            return OfParameter.parse(operation.getKey().strip(), method);
        }
        return StringUtils.hasText(operation.getKeyGenerator())
                        || generator == null
                        || generator.getClass() != SimpleKeyGenerator.class
                ? null
                : SimpleKeyGenerator::generateKey;
    }

    /**
     * A parameter, or a property of one.
     * @param index of the parameter
     * @param getter of the property, taking and returning an object; null for the parameter itself
     */
    record OfParameter(int index, @Nullable MethodHandle getter) implements CallKey {

        private static final Pattern EXPRESSION = Pattern.compile("#([A-Za-z_]\\w*)(?:\\.([a-z]\\w*))?");
        private static final Pattern BY_INDEX = Pattern.compile("[ap](\\d{1,3})");

        static @Nullable CallKey parse(String expression, Method method) {
            Matcher parts = EXPRESSION.matcher(expression);
            if (!parts.matches()) {
                return null;
            }
            int index = index(parts.group(1), method);
            if (index < 0) {
                return null;
            }
            String property = parts.group(2);
            if (property == null) {
                return new OfParameter(index, null);
            }
            MethodHandle getter = getter(method.getParameterTypes()[index], property);
            return getter == null ? null : new OfParameter(index, getter);
        }

        private static int index(String name, Method method) {
            String[] names = new DefaultParameterNameDiscoverer().getParameterNames(method);
            int named = names == null ? -1 : Arrays.asList(names).indexOf(name);
            Matcher byIndex = BY_INDEX.matcher(name);
            if (!byIndex.matches()) {
                return name.equals("root") || name.equals("this") || name.equals("result") ? -1 : named;
            }
            int index = Integer.parseInt(byIndex.group(1));
            return named < 0 && index < method.getParameterCount() ? index : -1;
        }

        /** The getter that every object of a type has, and that comes first in Spring's order; else null. */
        private static @Nullable MethodHandle getter(Class<?> type, String property) {
            try {
                Method getter = type.getMethod("get" + StringUtils.capitalize(property));
                return Modifier.isStatic(getter.getModifiers()) || getter.getReturnType() == void.class
                        ? null
                        : MethodHandles.publicLookup()
                                .unreflect(getter)
                                .asType(MethodType.methodType(Object.class, Object.class));
            } catch (ReflectiveOperationException e) {
                return null;
            }
        }

        @Override
        public @Nullable Object of(@Nullable Object[] arguments) throws Throwable {
            Object argument = arguments[index];
            return argument == null || getter == null ? argument : (Object) getter.invokeExact(argument);
        }
    }
}
