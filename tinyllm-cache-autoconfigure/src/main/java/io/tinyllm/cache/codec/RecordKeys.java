package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The components of one record class: reads them from a record, and makes a record of them. Immutable. */
final class RecordKeys {

    private static final ClassTable<RecordKeys> CACHE = new ClassTable<>(RecordKeys::new);

    private final Class<?> type;
    private final Method[] accessors;
    private final Class<?>[] types;
    private @Nullable Constructor<?> constructor;

    private RecordKeys(Class<?> type) {
        this.type = type;
        RecordComponent[] components = type.getRecordComponents();
        accessors = new Method[components.length];
        types = new Class<?>[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                accessors[i] = components[i].getAccessor();
                accessors[i].setAccessible(true);
                types[i] = components[i].getType();
            }
            constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
        } catch (ReflectiveOperationException | RuntimeException inaccessible) {
            constructor = null;
        }
    }

    static RecordKeys of(Class<?> type) {
        return CACHE.get(type);
    }

    int size() {
        return types.length;
    }

    List<@Nullable Object> parts(Object record) {
        requireAccess();
        List<@Nullable Object> parts = new ArrayList<>(accessors.length);
        try {
            for (Method accessor : accessors) {
                parts.add(accessor.invoke(record));
            }
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedKeyException(type.getName(), "a component of the record cannot be read");
        }
        return parts;
    }

    Object join(List<@Nullable Object> parts) throws ReflectiveOperationException {
        return requireAccess().newInstance(parts.toArray());
    }

    private Constructor<?> requireAccess() {
        if (constructor == null) {
            throw new UnsupportedKeyException(type.getName(), "its module keeps the record closed");
        }
        return constructor;
    }
}
