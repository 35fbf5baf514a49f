package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys as their fields, but for transient ones, in which keys remember their hash codes. Thread-safe. */
final class FieldKeys implements BeanKeys {

    private final Forms forms;

    FieldKeys(Forms forms) {
        this.forms = forms;
    }

    @Override
    public String shape(Class<?> type) {
        return plan(type).hash();
    }

    @Override
    public List<@Nullable Object> split(Object key) {
        FieldsForm form = form(key.getClass());
        List<@Nullable Object> parts = new ArrayList<>();
        try {
            form.exact(key);
            for (FieldPlan field : fields(form.plan())) {
                parts.add(field.get(key));
            }
        } catch (Refusal e) {
            throw new UnsupportedKeyException(key.getClass().getName(), e.reason());
        }
        return parts;
    }

    @Override
    public Object join(Class<?> type, List<@Nullable Object> parts) {
        ClassPlan plan = plan(type);
        List<FieldPlan> fields = fields(plan);
        if (fields.size() != parts.size()) {
            throw new UnreadableException("other fields");
        }
        Constructor<?> constructor = plan.constructor();
        Object key = ClassPlan.make(constructor);
        for (int i = 0; i < parts.size(); i++) {
            try {
                fields.get(i).field().set(key, parts.get(i));
            } catch (IllegalAccessException e) {
                throw new UnreadableException("a field that cannot be set");
            }
        }
        return key;
    }

    private ClassPlan plan(Class<?> type) {
        return form(type).plan();
    }

    private FieldsForm form(Class<?> type) {
        if (forms.of(type) instanceof BeanForm form) {
            return form;
        }
        throw new UnsupportedKeyException(
                type.getName(), "it is no value of the JDK, enum, record, collection of them or class of fields");
    }

    private static List<FieldPlan> fields(ClassPlan plan) {
        List<FieldPlan> fields = new ArrayList<>();
        for (FieldPlan field : plan.fields()) {
            if (!Modifier.isTransient(field.field().getModifiers())) {
                fields.add(field);
            }
        }
        return fields;
    }
}
