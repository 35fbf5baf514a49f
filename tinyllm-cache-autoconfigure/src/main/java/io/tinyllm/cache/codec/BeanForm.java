package io.tinyllm.cache.codec;

import java.lang.reflect.Constructor;

/** The form of a class that is no record: its objects are made without its constructors, and then get their fields. */
final class BeanForm extends FieldsForm {

    private final Constructor<?> constructor;

    BeanForm(ClassPlan plan, int id) {
        super(plan, id);
        this.constructor = plan.constructor();
    }

    @Override
    Object readFields(GraphReader in, int number) {
        Object object = ClassPlan.make(constructor);
        in.made(number, object);
        FieldPlan[] fields = plan.fields();
        for (int i = 0; i < fields.length; i++) {
            next(in, i);
            fields[i].read(in, object);
        }
        end(in);
        return object;
    }
}
