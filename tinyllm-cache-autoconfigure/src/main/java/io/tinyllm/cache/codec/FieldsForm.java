package io.tinyllm.cache.codec;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/**
 * The form of a class that is written field by field. The first object of a class in a value names it with the hash of
 * its shape, the next by its name alone, and not at all where the place is declared as that class.
 */
abstract class FieldsForm extends Form {

    final ClassPlan plan;
    private final int id;
    private final Constants constants;
    private final Lazy lazy;
    private final SerializedString withHash;

    FieldsForm(ClassPlan plan, int id) {
        super(ClassRules.tagOf(plan.type()));
        this.plan = plan;
        this.id = id;
        this.constants = Constants.of(plan.type());
        this.lazy = Lazy.of(plan.type());
        this.withHash = new SerializedString(tag() + "#" + plan.hash());
    }

    final int id() {
        return id;
    }

    final Constants constants() {
        return constants;
    }

    final ClassPlan plan() {
        return plan;
    }

    @Override
    SerializableString tag(GraphWriter out) {
        return out.name(id, plan.type()) ? withHash : super.tag(out);
    }

    @Override
    Form exact(Object value) {
        Form constant = constants.form(value);
        if (constant != null) {
            return constant;
        }
        lazy.requireLoaded(value);
        return this;
    }

    @Override
    boolean isBare(GraphWriter out) {
        return out.isNamed(id);
    }

    @Override
    boolean opensObject() {
        return true;
    }

    /**
     * Returns whether what begins here is an object of this form and no tag; then its first name, if it has one, is
     * read.
     */
    final boolean begins(JsonParser json) {
        return plan.fields().length == 0
                ? json.nextToken() == JsonToken.END_OBJECT
                : json.nextName(plan.fields()[0].name());
    }

    @Override
    void write(GraphWriter out, Object value, Place place) {
        out.json().writeStartObject();
        FieldPlan[] fields = plan.fields();
        int i = 0;
        try {
            for (; i < fields.length; i++) {
                fields[i].write(out, value);
            }
        } catch (RuntimeException e) {
            throw Refusal.of(e).at(plan.type(), "." + fields[i].field().getName());
        }
        out.json().writeEndObject();
    }

    @Override
    Object read(GraphReader in, Place place, int number) {
        if (in.json().currentToken() != JsonToken.START_OBJECT || !begins(in.json())) {
            throw new UnreadableException("other fields");
        }
        return readFields(in, number);
    }

    /** Reads an object whose first name is read already, to its end. */
    abstract Object readFields(GraphReader in, int number);

    /** Moves to the value of the next field, the first of which has its name read. */
    final void next(GraphReader in, int i) {
        if (i > 0 && !in.json().nextName(plan.fields()[i].name())) {
            throw new UnreadableException("other fields");
        }
        in.json().nextToken();
    }

    final void end(GraphReader in) {
        if (plan.fields().length > 0 && in.json().nextToken() != JsonToken.END_OBJECT) {
            throw new UnreadableException("other fields");
        }
    }

    /** Checks the hash that a tag has, if it has one. */
    final Form named(GraphReader in, @Nullable String hash) {
        if (hash == null ? !in.isNamed(id) : !hash.equals(plan.hash())) {
            throw new UnreadableException(Fault.CLASS_CHANGED, "a class of another shape");
        }
        in.name(id);
        return this;
    }
}
