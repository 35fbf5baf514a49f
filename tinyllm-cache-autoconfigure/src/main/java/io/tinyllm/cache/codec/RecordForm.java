package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The form of a record: made by its constructor, which may change what it is given. Where its code does not show that
 * it keeps everything, each record is made once more when it is written, and compared.
 */
final class RecordForm extends FieldsForm {

    private final Constructor<?> constructor;
    private final boolean keepsAll;

    RecordForm(ClassPlan plan, int id) {
        super(plan, id);
        this.constructor = constructor(plan.type());
        this.keepsAll = RecordProof.keepsAll(plan.type(), constructor);
    }

    static Constructor<?> constructor(Class<?> type) {
        Class<?>[] parameters = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(parameters);
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new Refusal("the constructor of the record " + type.getName() + " cannot be called");
        }
    }

    @Override
    boolean isMadeOfParts() {
        return true;
    }

    @Override
    boolean needsFinishedParts() {
        return !keepsAll;
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        if (!keepsAll) {
            requireSame(value);
        }
        super.write(out, value, place);
    }

    @Override
    Object readFields(GraphReader in, int number) {
        FieldPlan[] fields = plan.fields();
        @Nullable Object[] arguments = new @Nullable Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            next(in, i);
            arguments[i] = fields[i].read(in);
        }
        end(in);
        return ClassPlan.make(constructor, arguments);
    }

    private void requireSame(Object record) {
        FieldPlan[] fields = plan.fields();
        @Nullable Object[] parts = new @Nullable Object[fields.length];
        for (int i = 0; i < fields.length; i++) {
            parts[i] = fields[i].get(record);
        }
        Object copy;
        try {
            copy = ClassPlan.make(constructor, parts);
        } catch (UnreadableException e) {
            throw new Refusal("the constructor of " + plan.type().getName() + " refuses what the record holds");
        }
        for (int i = 0; i < fields.length; i++) {
            if (!isSame(parts[i], fields[i].get(copy))) {
                throw new Refusal("the constructor of " + plan.type().getName() + " changes "
                        + fields[i].field().getName());
            }
        }
    }

    /** The same object, or an equal one of the same class of the JDK. */
    private static boolean isSame(@Nullable Object part, @Nullable Object copied) {
        if (part == copied) {
            return true;
        }
        return part != null
                && copied != null
                && part.getClass() == copied.getClass()
                && JdkClasses.isJdk(part.getClass())
                && Objects.deepEquals(part, copied);
    }
}
