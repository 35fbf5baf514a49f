package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * The form of a class that extends a container of the JDK: its fields, and then what the container holds. The parts are
 * taken and put back past the methods of the class, which has its fields by then.
 */
final class ContainerForm extends FieldsForm {

    private final ContainerBase base;
    private final Constructor<?> constructor;
    private final @Nullable Constructor<?> byAccess;

    ContainerForm(ClassPlan plan, int id) {
        super(plan, id);
        this.base = ContainerBase.of(plan.base(), plan.type());
        this.constructor = plan.constructor();
        this.byAccess =
                plan.base() == LinkedHashMap.class ? plan.constructor(int.class, float.class, boolean.class) : null;
    }

    @Override
    boolean opensObject() {
        return false;
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        out.json().writeStartArray();
        if (byAccess != null) {
            out.json().writeBoolean(base.isByAccess(value));
        }
        super.write(out, value, place);
        List<@Nullable Object> keys = new ArrayList<>();
        Progress.Keys known;
        if (base.isMap()) {
            List<Map.Entry<?, ?>> pairs = new ArrayList<>(base.pairs(value));
            pairs.forEach(pair -> keys.add(pair.getKey()));
            known = out.pairs(pairs, Place.ANY);
        } else {
            base.parts(value).forEachRemaining(keys::add);
            known = out.keys(keys, Place.ANY);
        }
        out.json().writeEndArray();
        if (base.isHashed()) {
            HashedForm.check(out, keys, known, 0);
        }
    }

    @Override
    Object read(GraphReader in, Place place, int number) {
        in.array();
        in.json().nextToken();
        Object object;
        if (byAccess != null && in.booleanValue()) {
            object = ClassPlan.make(byAccess, 16, 0.75f, true);
        } else {
            object = ClassPlan.make(constructor);
        }
        if (byAccess != null) {
            in.json().nextToken();
        }
        in.made(number, object);
        if (in.json().currentToken() != JsonToken.START_OBJECT || !begins(in.json())) {
            throw new UnreadableException("other fields");
        }
        return readParts(in, object, number);
    }

    @Override
    Object readFields(GraphReader in, int number) {
        throw new UnreadableException("fields without parts");
    }

    private Object readParts(GraphReader in, Object object, int number) {
        FieldPlan[] fields = plan.fields();
        for (int i = 0; i < fields.length; i++) {
            next(in, i);
            fields[i].read(in, object);
        }
        end(in);
        in.json().nextToken();
        Progress.Keys keys = in.progress().keys();
        @Nullable Object[] parts = in.take(base.isMap() ? in.pairs(Place.ANY, keys) : in.keys(Place.ANY, keys));
        in.endOfArray();
        Parts filling = new Parts(object, parts, keys, in.progress());
        if (base.isHashed()) {
            in.fill(filling, number, keys.dependency());
        } else {
            filling.run();
        }
        return object;
    }

    private final class Parts extends HashedForm.Parts {

        private final Object container;
        private final @Nullable Object[] parts;

        Parts(Object container, @Nullable Object[] parts, Progress.Keys known, Progress progress) {
            super(container, parts, base.isMap(), known, 0, progress);
            this.container = container;
            this.parts = parts;
        }

        @Override
        void putAll() {
            if (base.isMap()) {
                for (int i = 0; i < parts.length; i += 2) {
                    base.put(container, parts[i], parts[i + 1]);
                }
            } else {
                for (Object part : parts) {
                    base.add(container, part);
                }
            }
        }

        @Override
        int size() {
            return base.size(container);
        }

        @Override
        void clear() {
            base.clear(container);
        }
    }
}
