package io.tinyllm.cache.codec;

import java.util.Arrays;

/** The form of one class of arrays of objects: the elements. */
final class ObjectArrays extends Form {

    static final int MOST_DIMENSIONS = 8;

    private static final String SUFFIX = "[]";

    private final Class<?> type;
    private final Class<?> component;
    private final Place elements;

    ObjectArrays(Class<?> type, Forms forms) {
        super(ClassRules.tagOf(type));
        this.type = type;
        this.component = type.getComponentType();
        this.elements = Place.of(component, forms);
        if (tag().length() - tag().indexOf(SUFFIX) > 2 * MOST_DIMENSIONS) {
            throw new Refusal("an array of more than " + MOST_DIMENSIONS + " dimensions");
        }
    }

    /** The form that a tag says which ends as the name of an array does. */
    static Form ofTag(String tag, GraphReader in) {
        return in.form(SmallForms.classOf(in, ClassRules.nameOf(tag)));
    }

    static boolean isTag(String tag) {
        return tag.endsWith(SUFFIX);
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        SmallForms.occurs(out, type);
        out.parts(Arrays.asList((Object[]) value), elements);
    }

    @Override
    Object read(GraphReader in, Place place, int number) {
        int from = in.parts(elements);
        return in.take(from, component);
    }

    @Override
    boolean isMadeOfParts() {
        return true;
    }
}
