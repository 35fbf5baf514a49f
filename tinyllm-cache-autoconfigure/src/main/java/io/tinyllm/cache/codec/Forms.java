package io.tinyllm.cache.codec;

import io.tinyllm.cache.StoredForm;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** The form of every class, found once for each, be it that there is none. Thread-safe. */
final class Forms {

    private final StoredForms stored;
    private final AtomicInteger ids = new AtomicInteger();
    private final ClassTable<Form> forms = new ClassTable<>(this::create);

    Forms(List<? extends StoredForm<?>> stored) {
        this.stored = new StoredForms(stored);
    }

    /** The form of this class, which refuses every object where there is none. */
    Form of(Class<?> type) {
        return forms.get(type);
    }

    /** The form that a tag says; the classes that it names were asked for. */
    Form ofTag(String tag, GraphReader in) {
        Form form = JdkKinds.ofTag(tag);
        if (form == null) {
            form = stored.ofTag(tag);
        }
        if (form == null) {
            form = LibraryForms.ofTag(tag, in);
        }
        if (form == null) {
            form = EnumForms.ofTag(tag, in);
        }
        if (form == null) {
            form = Constants.ofTag(tag, in);
        }
        if (form == null) {
            form = ObjectArrays.isTag(tag) ? ObjectArrays.ofTag(tag, in) : named(tag, in);
        }
        return form;
    }

    private Form named(String tag, GraphReader in) {
        if (tag.indexOf('.') < 0) {
            throw new UnreadableException("no such form");
        }
        int hash = tag.indexOf('#');
        String name = hash < 0 ? tag : tag.substring(0, hash);
        if (of(in.resolve(ClassRules.nameOf(name))) instanceof FieldsForm fields) {
            return fields.named(in, hash < 0 ? null : tag.substring(hash + 1));
        }
        throw new UnreadableException(Fault.CLASS_CHANGED, "a class without fields");
    }

    /** The form that bare JSON has at a place which names none. */
    static Form natural(JsonToken token) {
        return NaturalLeaves.of(token);
    }

    private Form create(Class<?> type) {
        try {
            return find(type);
        } catch (Refusal e) {
            return new Refused(e.reason());
        } catch (LinkageError e) {
            return new Refused(type.getName() + " refers to a class that is not there");
        }
    }

    private Form find(Class<?> type) {
        Form form = stored.of(type);
        if (form == null && JdkClasses.isJdk(type)) {
            form = JdkKinds.of(type);
        }
        if (form != null) {
            return form;
        }
        if (Enum.class.isAssignableFrom(type) && type != Enum.class) {
            return type.isEnum() ? EnumForms.of(type, ids.getAndIncrement()) : of(type.getSuperclass());
        }
        if (type.isArray()) {
            return new ObjectArrays(type, this);
        }
        form = Lazy.form(type);
        if (form == null) {
            form = LibraryForms.of(type);
        }
        if (form == null) {
            form = stored.ofParents(type);
        }
        return form == null ? fields(type) : form;
    }

    private Form fields(Class<?> type) {
        ClassPlan plan = ClassPlan.of(type, this);
        int id = ids.getAndIncrement();
        if (type.isRecord()) {
            return new RecordForm(plan, id);
        }
        return ContainerBase.isExtensible(plan.base()) ? new ContainerForm(plan, id) : new BeanForm(plan, id);
    }

    /** The form of a class that has none. */
    private static final class Refused extends Form {

        private final String reason;

        Refused(String reason) {
            super("refused");
            this.reason = reason;
        }

        @Override
        Form exact(@Nullable Object value) {
            throw new Refusal(reason);
        }

        @Override
        boolean isNamedByPlaces() {
            return false;
        }

        @Override
        void write(GraphWriter out, Object value, Place place) {
            throw new Refusal(reason);
        }

        @Override
        Object read(GraphReader in, Place place, int number) {
            throw new UnreadableException("a class without a stored form");
        }
    }
}
