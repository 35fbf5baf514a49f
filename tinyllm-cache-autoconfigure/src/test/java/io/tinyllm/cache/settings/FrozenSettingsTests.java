package io.tinyllm.cache.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.tinyllm.cache.CacheSettings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The settings of a cache are fixed once it exists: each of them, in each group, a group of tomorrow included. */
class FrozenSettingsTests {

    @Test
    void noSetterOfAnyGroupWorksOnceTheSettingsAreFixed() throws ReflectiveOperationException {
        CacheSettings settings = new CacheSettings();
        settings.freeze();
        Set<Class<?>> groups = new TreeSet<>((a, b) -> a.getName().compareTo(b.getName()));
        List<String> open = new ArrayList<>();
        int setters = visit(settings, groups, open);
        assertThat(open).isEmpty();
        assertThat(groups).hasSizeGreaterThan(10);
        assertThat(setters).isGreaterThan(50);
    }

    private static int visit(SettingsGroup group, Set<Class<?>> groups, List<String> open)
            throws ReflectiveOperationException {
        groups.add(group.getClass());
        int setters = 0;
        for (Method method : group.getClass().getMethods()) {
            if (Modifier.isStatic(method.getModifiers())) {
                continue;
            }
            if (method.getParameterCount() == 0 && SettingsGroup.class.isAssignableFrom(method.getReturnType())) {
                setters += visit((SettingsGroup) method.invoke(group), groups, open);
            } else if (method.getName().startsWith("set") && method.getParameterCount() == 1) {
                setters++;
                if (!isRefused(group, method)) {
                    open.add(group.getClass().getSimpleName() + "." + method.getName());
                }
            }
        }
        return setters;
    }

    private static boolean isRefused(SettingsGroup group, Method setter) throws IllegalAccessException {
        Class<?> type = setter.getParameterTypes()[0];
        Object value = type == boolean.class
                ? Boolean.TRUE
                : type == int.class
                        ? (Object) 1
                        : type == long.class ? (Object) 1L : type == double.class ? (Object) 0.5 : null;
        try {
            setter.invoke(group, value);
            return false;
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof IllegalStateException;
        }
    }
}
